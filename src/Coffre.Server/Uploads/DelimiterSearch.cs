using System.Buffers;

namespace Coffre.Server.Uploads;

/// <summary>Finds a short run of bytes in a sequence of buffers.</summary>
internal static class DelimiterSearch
{
    private const int MaxDelimiter = 128;

    /// <summary>Offset of the first occurrence, or null.</summary>
    public static long? Find(ReadOnlySequence<byte> buffer, ReadOnlySpan<byte> delimiter)
    {
        if (delimiter.Length > MaxDelimiter)
        {
            throw new ArgumentException($"A delimiter has at most {MaxDelimiter} bytes.", nameof(delimiter));
        }

        if (buffer.IsSingleSegment)
        {
            var index = buffer.FirstSpan.IndexOf(delimiter);
            return index < 0 ? null : index;
        }

        // What may be the beginning of a delimiter at the end of the buffers before.
        Span<byte> seam = stackalloc byte[2 * MaxDelimiter];
        var carried = 0;
        var offset = 0L;
        foreach (var segment in buffer)
        {
            var span = segment.Span;
            if (carried > 0)
            {
                var head = Math.Min(span.Length, delimiter.Length - 1);
                span[..head].CopyTo(seam[carried..]);
                var across = seam[..(carried + head)].IndexOf(delimiter);
                if (across >= 0)
                {
                    return offset - carried + across;
                }
            }

            var inside = span.IndexOf(delimiter);
            if (inside >= 0)
            {
                return offset + inside;
            }

            offset += span.Length;
            carried = Carry(seam, carried, span, delimiter.Length - 1);
        }

        return null;
    }

    private static int Carry(Span<byte> seam, int carried, ReadOnlySpan<byte> span, int most)
    {
        if (span.Length >= most)
        {
            span[^most..].CopyTo(seam);
            return most;
        }

        var keep = Math.Min(carried, most - span.Length);
        seam.Slice(carried - keep, keep).CopyTo(seam);
        span.CopyTo(seam[keep..]);
        return keep + span.Length;
    }
}
