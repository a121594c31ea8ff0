namespace Coffre.Storage.Local.Segments;

/// <summary>A record that waits to be appended. The task ends once it is on the device, and fails if it is not.</summary>
/// <remarks>What waits for it runs where it is ended, so that is to be on the thread pool: see <see cref="RecordChunk"/>.</remarks>
/// <param name="head">Id, date and length.</param>
/// <param name="bytes">The blob's bytes; not touched any more once the task has ended.</param>
/// <param name="checksum">Their Whirlpool.</param>
internal sealed class NewRecord(RecordHead head, ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> checksum)
    : TaskCompletionSource
{
    public RecordHead Head { get; } = head;

    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    public ReadOnlyMemory<byte> Checksum { get; } = checksum;

    /// <summary>Where the blob lay before, if it is moved.</summary>
    public BlobPlace? MovedFrom { get; init; }

    public long Size => SegmentFormat.SizeOf(Head.Length);
}
