using System.Globalization;
using Coffre.Storage;

namespace Coffre.Server.Downloads;

/// <summary>What a <c>Range</c> header asks for (RFC 9110 §14).</summary>
internal abstract record RangeWish
{
    /// <summary>The whole representation: no header, one that is malformed, of another unit, or of several ranges.</summary>
    public sealed record Whole : RangeWish;

    /// <summary>One run of bytes.</summary>
    public sealed record Part(ByteRange Range) : RangeWish;

    /// <summary>Nothing of what was asked for exists.</summary>
    public sealed record Unsatisfiable : RangeWish;
}

internal static class RangeHeader
{
    private const int MaxLength = 1024;
    private const string Unit = "bytes=";

    /// <param name="text">The header's value, or null.</param>
    /// <param name="length">Bytes of the whole.</param>
    /// <remarks>
    /// Several ranges in one request are answered with the whole, as the RFC allows: no client of this protocol asks for them,
    /// and they are a known way to make servers work.
    /// </remarks>
    public static RangeWish Parse(string? text, long length)
    {
        if (text is null || text.Length > MaxLength || !text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return new RangeWish.Whole();
        }

        var spec = text.AsSpan(Unit.Length).Trim();
        var dash = spec.IndexOf('-');
        if (dash < 0 || spec.Contains(','))
        {
            return new RangeWish.Whole();
        }

        var first = spec[..dash].Trim();
        var last = spec[(dash + 1)..].Trim();
        if (first.IsEmpty)
        {
            return TryRead(last, out var suffix) ? Suffix(suffix, length) : new RangeWish.Whole();
        }

        if (!TryRead(first, out var start))
        {
            return new RangeWish.Whole();
        }

        var end = long.MaxValue;
        if (!last.IsEmpty && (!TryRead(last, out end) || end < start))
        {
            return new RangeWish.Whole();
        }

        return start >= length
            ? new RangeWish.Unsatisfiable()
            : new RangeWish.Part(new ByteRange(start, Math.Min(end, length - 1) - start + 1));
    }

    private static RangeWish Suffix(long suffix, long length)
    {
        if (suffix == 0 || length == 0)
        {
            return new RangeWish.Unsatisfiable();
        }

        var taken = Math.Min(suffix, length);
        return new RangeWish.Part(new ByteRange(length - taken, taken));
    }

    /// <summary>Digits only; a number too large for a long counts as the largest.</summary>
    private static bool TryRead(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        if (text.IsEmpty || text.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            number = long.MaxValue;
        }

        return true;
    }
}
