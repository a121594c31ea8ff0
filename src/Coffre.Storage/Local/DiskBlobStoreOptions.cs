using System.ComponentModel.DataAnnotations;
using Coffre.Storage.Local.Segments;

namespace Coffre.Storage.Local;

/// <summary>When a commit may be acknowledged.</summary>
public enum Durability
{
    /// <summary>After the bytes and the name are on the device: a power cut keeps what was acknowledged.</summary>
    Strict,

    /// <summary>After the kernel has them: a crash of the process keeps them, a power cut may lose the last seconds.</summary>
    Relaxed,
}

/// <summary>Where a <see cref="DiskBlobStore"/> lives and what it promises.</summary>
public sealed record DiskBlobStoreOptions
{
    /// <summary>The folder that holds <c>blobs/</c>, <c>segments/</c> and <c>staging/</c>; one file system, owned by this program alone.</summary>
    public required string Root { get; init; }

    /// <summary>What an acknowledgement stands for.</summary>
    public Durability Durability { get; init; } = Durability.Strict;

    /// <summary>
    /// Most bytes that one upload may reserve on the word of its announced length, 0 to 1 TiB; 0 reserves nothing.
    /// A reservation keeps a large file in few pieces; the limit keeps a caller who announces much and sends little from filling the disk.
    /// </summary>
    [Range(0, 1L << 40)]
    public long PreallocationLimit { get; init; } = 64 << 20;

    /// <summary>
    /// How many syncs may wait for the device at once, 1 to 128. They wait on threads of their own, so that a slow disk
    /// does not starve the thread pool; a file system that groups its journal writes gains from many.
    /// </summary>
    [Range(1, 128)]
    public int SyncThreads { get; init; } = 32;

    /// <summary>
    /// Longest blob that is kept together with others in a segment, in bytes, 0 to 256 KiB; 0 gives each blob a file of its own. What lies in
    /// segments already stays there, and is read, whatever this says.
    /// </summary>
    [Range(0, SegmentFormat.MostBytes)]
    public int SmallBlobLimit { get; init; } = 64 << 10;

    /// <summary>
    /// Whether this process alone is at work in the folder. One that works beside another must not touch what that may be writing: it reads
    /// and purges, and gives files of their own to all blobs that it keeps.
    /// </summary>
    public bool IsExclusive { get; init; } = true;

    /// <summary>How long a segment may become before the next is begun.</summary>
    internal int SegmentLength { get; init; } = 64 << 20;

    /// <summary>How many ids a listing holds in memory; a store with more is walked several times.</summary>
    internal int ListBatch { get; init; } = 262_144;

    /// <summary>What the writer asks of the file system.</summary>
    internal IDiskCalls Calls { get; init; } = DiskCalls.ForThisSystem();

    /// <summary>Told after each step of a commit. A test that throws here is a process that dies here: nothing is cleaned up.</summary>
    internal Action<CommitStep>? StepReached { get; init; }

    internal void Check()
    {
        Require(!string.IsNullOrWhiteSpace(Root) && Path.IsPathFullyQualified(Root), nameof(Root), Root, "an absolute path");
        Require(Enum.IsDefined(Durability), nameof(Durability), Durability, "Strict or Relaxed");
        Require(PreallocationLimit is >= 0 and <= 1L << 40, nameof(PreallocationLimit), PreallocationLimit, "0 to 1099511627776 bytes");
        Require(SmallBlobLimit is >= 0 and <= SegmentFormat.MostBytes, nameof(SmallBlobLimit), SmallBlobLimit, $"0 to {SegmentFormat.MostBytes} bytes");
        Require(SyncThreads is >= 1 and <= 128, nameof(SyncThreads), SyncThreads, "1 to 128");
    }

    private static void Require(bool holds, string key, object? value, string allowed)
    {
        if (!holds)
        {
            throw new ArgumentException($"The setting {key} of the disk store is '{value}'; allowed is {allowed}.", key);
        }
    }
}
