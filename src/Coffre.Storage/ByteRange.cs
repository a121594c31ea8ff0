namespace Coffre.Storage;

/// <summary>A run of bytes inside a blob: from <see cref="Start"/>, <see cref="Length"/> bytes.</summary>
public readonly record struct ByteRange
{
    /// <param name="start">First byte, counted from 0.</param>
    /// <param name="length">How many bytes, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">Either is negative, or their sum passes <see cref="long.MaxValue"/>.</exception>
    public ByteRange(long start, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, long.MaxValue - start);
        Start = start;
        Length = length;
    }

    public long Start { get; }

    public long Length { get; }

    /// <summary>One past the last byte.</summary>
    public long End => Start + Length;
}
