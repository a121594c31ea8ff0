using System.Buffers;
using System.Text.RegularExpressions;
using Coffre.Protocol;

namespace Coffre.Cli.Scanning;

internal enum KeyKind
{
    /// <summary>Of a coffre-server: prefix and checksum prove it.</summary>
    Coffre,

    /// <summary>Of 1fichier.com: 32 characters of its alphabet, where 1fichier is spoken of.</summary>
    OneFichier,

    /// <summary>The same, where only words such as <c>api_key</c> or <c>Bearer</c> stand before it.</summary>
    MaybeOneFichier,
}

/// <param name="Kind">Whose.</param>
/// <param name="Key">The whole key: never to be shown.</param>
/// <param name="Line">From 1.</param>
internal readonly record struct KeyHit(KeyKind Kind, string Key, long Line);

/// <summary>Finds keys in bytes of any kind and length, in bounded memory. One instance for one thread.</summary>
/// <remarks>
/// Bytes are read as Latin-1, so that nothing is too broken to be read; zero bytes are passed over, so that UTF-16 is read too. What is
/// packed (zip, gzip) or written in another alphabet (base 64) is not opened.
/// </remarks>
internal sealed partial class KeyHunter
{
    private const int Before = 300;
    private const int After = 120;
    private const int ChunkLength = 256 * 1024;
    private const int JustBefore = 60;
    private const double LeastEntropy = 3.5;

    private static readonly SearchValues<char> Alphabet = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_=-");
    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF-");

    private readonly byte[] _bytes = new byte[ChunkLength];
    private readonly char[] _text = new char[ChunkLength + Before + ApiKey.Length + After];

    public IEnumerable<KeyHit> Hunt(Stream stream)
    {
        // _text[..length] is a window over the bytes; what begins before `done` was judged already.
        int length = 0, done = 0;
        long line = 1;
        while (true)
        {
            var read = stream.ReadAtLeast(_bytes, 1, throwOnEndOfStream: false);
            length = Append(length, read);
            var end = read == 0 ? length : Math.Max(done, length - ApiKey.Length - After);
            foreach (var hit in Judge(length, done, end, line))
            {
                yield return hit;
            }

            if (read == 0)
            {
                yield break;
            }

            line += _text.AsSpan(done, end - done).Count('\n');
            var kept = Math.Max(0, end - Before);
            Array.Copy(_text, kept, _text, 0, length - kept);
            (length, done) = (length - kept, end - kept);
        }
    }

    /// <summary>Bits for each character, by how often each stands in the text.</summary>
    public static double Entropy(ReadOnlySpan<char> text)
    {
        Span<int> counts = stackalloc int[128];
        counts.Clear();
        foreach (var character in text)
        {
            counts[character & 127]++;
        }

        double bits = 0;
        foreach (var count in counts)
        {
            if (count > 0)
            {
                var share = (double)count / text.Length;
                bits -= share * Math.Log2(share);
            }
        }

        return bits;
    }

    private int Append(int length, int read)
    {
        foreach (var value in _bytes.AsSpan(0, read))
        {
            if (value != 0)
            {
                _text[length++] = (char)value;
            }
        }

        return length;
    }

    private List<KeyHit> Judge(int length, int start, int end, long line)
    {
        var text = _text.AsSpan(0, length);
        List<(int Index, KeyKind Kind)> found = [];
        AddCoffreKeys(text, start, end, found);
        AddOthers(text, start, end, found);
        found.Sort();

        List<KeyHit> hits = [];
        foreach (var (index, kind) in found)
        {
            line += text[start..index].Count('\n');
            start = index;
            hits.Add(new KeyHit(kind, new string(text.Slice(index, ApiKey.Length)), line));
        }

        return hits;
    }

    private static void AddCoffreKeys(ReadOnlySpan<char> text, int start, int end, List<(int Index, KeyKind Kind)> found)
    {
        // A prefix that begins before the end may go past it.
        var last = Math.Min(text.Length, end + ApiKey.Prefix.Length - 1);
        for (var index = start; index < last && text[index..last].IndexOf(ApiKey.Prefix, StringComparison.Ordinal) is >= 0 and var next; index++)
        {
            index += next;
            if (index + ApiKey.Length <= text.Length && ApiKey.IsWellFormed(new string(text.Slice(index, ApiKey.Length))))
            {
                found.Add((index, KeyKind.Coffre));
            }
        }
    }

    /// <summary>Whole words of 32 characters, and those behind a '=', which belongs to the alphabet too: <c>api_key=KEY</c>.</summary>
    private static void AddOthers(ReadOnlySpan<char> text, int start, int end, List<(int Index, KeyKind Kind)> found)
    {
        // What began before `start` was seen already, but its beginning must be known to tell how long it is.
        var index = Math.Max(0, start - ApiKey.Length);
        while (index < end && text[index..end].IndexOfAny(Alphabet) is >= 0 and var skipped)
        {
            index += skipped;
            var run = text[index..];
            run = run.IndexOfAnyExcept(Alphabet) is >= 0 and var length ? run[..length] : run;
            var tail = index + run.Length - ApiKey.Length;
            if (tail >= start && tail < end && tail >= index && run[^ApiKey.Length] != '=' && (tail == index || text[tail - 1] == '=') && KindOf(text, tail) is { } kind)
            {
                found.Add((tail, kind));
            }

            index += run.Length;
        }
    }

    private static KeyKind? KindOf(ReadOnlySpan<char> text, int index)
    {
        var candidate = text.Slice(index, ApiKey.Length);
        if (candidate.StartsWith(ApiKey.Prefix, StringComparison.Ordinal) || !IsRandom(candidate))
        {
            return null;
        }

        var around = text[Math.Max(0, index - Before)..Math.Min(text.Length, index + ApiKey.Length + After)];
        return around.Contains("fichier", StringComparison.OrdinalIgnoreCase) ? KeyKind.OneFichier
            : KeyWord().IsMatch(text[Math.Max(0, index - JustBefore)..index]) ? KeyKind.MaybeOneFichier
            : null;
    }

    /// <summary>Whether it looks drawn by lot: no checksum in base 16, no word, no example.</summary>
    private static bool IsRandom(ReadOnlySpan<char> text)
    {
        var hasDigits = text.ContainsAnyInRange('0', '9');
        var hasLetters = text.ContainsAnyInRange('A', 'Z') || text.ContainsAnyInRange('a', 'z');
        return hasDigits && hasLetters && text.ContainsAnyExcept(Hexadecimal) && Entropy(text) >= LeastEntropy && !Example().IsMatch(text);
    }

    [GeneratedRegex(@"(api[_.-]?key|bearer)\W{0,12}$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex KeyWord();

    [GeneratedRegex("example|sample|placeholder|your|dummy|xxxx|0123456789|abcdefgh|12345678", RegexOptions.IgnoreCase)]
    private static partial Regex Example();
}
