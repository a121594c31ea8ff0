using System.Buffers;

namespace Coffre.Storage.Local;

/// <summary>Pooled memory that gathers small writes into one large one. Grows from a page to <see cref="Size"/>.</summary>
internal sealed class Block
{
    /// <summary>Most bytes of a block. Larger writes bring no more speed, and memory is counted per open upload.</summary>
    public const int Size = 256 * 1024;

    private const int FirstCapacity = 4 * 1024;
    private const int Growth = 8;

    private byte[]? _memory;

    public int Count { get; private set; }

    /// <summary>Where its bytes belong in the file. The pump's, as the two below.</summary>
    public long Offset { get; set; }

    /// <summary>Who is not done with it yet.</summary>
    public int Users { get; set; }

    /// <summary>Whether it goes round: it is filled again once nobody uses it.</summary>
    public bool IsPumps { get; set; }

    public bool IsFull => Count == Size;

    public int Capacity => Math.Min(_memory?.Length ?? 0, Size);

    public ReadOnlyMemory<byte> Bytes => _memory.AsMemory(0, Count);

    /// <summary>Copies as much as fits; returns how much that was.</summary>
    /// <param name="bytes">What to take from.</param>
    /// <param name="announced">How many bytes the upload still owes by its own word, 0 if it gave none.</param>
    public int Take(ReadOnlySpan<byte> bytes, long announced)
    {
        var taken = Math.Min(bytes.Length, Size - Count);
        Reserve(Count + taken, announced);
        bytes[..taken].CopyTo(_memory.AsSpan(Count));
        Count += taken;
        return taken;
    }

    /// <summary>Keeps the memory for the next bytes.</summary>
    public void Empty()
    {
        Count = 0;
        IsPumps = false;
    }

    /// <summary>Gives the memory back; the block is empty again.</summary>
    public void Return()
    {
        if (_memory is { } memory)
        {
            ArrayPool<byte>.Shared.Return(memory);
        }

        _memory = null;
        Count = 0;
    }

    private void Reserve(int needed, long announced)
    {
        if (_memory is { } memory && memory.Length >= needed)
        {
            return;
        }

        var wanted = _memory is null ? announced : (long)_memory.Length * Growth;
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(needed, Math.Clamp(wanted, FirstCapacity, Size)));
        _memory.AsSpan(0, Count).CopyTo(larger);
        if (_memory is { } outgrown)
        {
            ArrayPool<byte>.Shared.Return(outgrown);
        }

        _memory = larger;
    }
}
