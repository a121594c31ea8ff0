using System.Runtime.InteropServices;

namespace Coffre.Client.Downloads;

/// <summary>A piece of a file: from <paramref name="Start"/> up to, not including, <paramref name="End"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Extent(long Start, long End)
{
    public long Length => End - Start;
}

/// <summary>Which bytes of a file are there: pieces in order that neither touch nor overlap. Not safe for several threads.</summary>
internal sealed class ByteExtents
{
    private readonly List<Extent> _pieces = [];

    /// <summary>Sum of all pieces.</summary>
    public long Total { get; private set; }

    public IReadOnlyList<Extent> Pieces => _pieces;

    public void Clear()
    {
        _pieces.Clear();
        Total = 0;
    }

    /// <summary>Notes bytes that came; some of them may be known already.</summary>
    public void Add(long start, long end)
    {
        if (end <= start)
        {
            return;
        }

        var first = FirstEndingAt(start);
        var last = first;
        while (last < _pieces.Count && _pieces[last].Start <= end)
        {
            (start, end) = (Math.Min(start, _pieces[last].Start), Math.Max(end, _pieces[last].End));
            Total -= _pieces[last++].Length;
        }

        _pieces.RemoveRange(first, last - first);
        _pieces.Insert(first, new Extent(start, end));
        Total += end - start;
    }

    /// <summary>Up to where every byte from <paramref name="position"/> on is there.</summary>
    public long EndOf(long position)
    {
        var index = FirstEndingAt(position);
        return index < _pieces.Count && _pieces[index].Start <= position ? Math.Max(position, _pieces[index].End) : position;
    }

    /// <summary>What is missing of a file of that size, in order.</summary>
    public IEnumerable<Extent> Holes(long size)
    {
        long position = 0;
        foreach (var piece in _pieces)
        {
            if (piece.Start > position)
            {
                yield return new Extent(position, piece.Start);
            }

            position = piece.End;
        }

        if (position < size)
        {
            yield return new Extent(position, size);
        }
    }

    /// <summary>Index of the first piece that ends at the position or after it.</summary>
    private int FirstEndingAt(long position)
    {
        var (low, high) = (0, _pieces.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _pieces[middle].End < position ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
