using System.Globalization;

namespace Coffre.Storage.Local;

/// <summary>Knows where things lie; nothing else does.</summary>
/// <remarks>
/// <code>
/// root/
///   blobs/
///     3f/                                      last byte but one of the id
///       a1/                                    last byte of the id
///         0198f6c2d4b17c3e9a5be07712c43fa1     the bytes of one blob, nothing more
///   staging/
///     0198f6c2d4b17c3e9a5be07712c43fa1.part    bytes on their way in; never served
///   segments/
///     0000001c.segment                         small blobs, one behind the other
///     0000001c.index                           what lies where in it, once it is full
/// </code>
/// The id begins with the time of its making, so its last bytes spread: leading bytes would fill one folder after the other.
/// An id is hexadecimal digits only, so no path here can leave the root.
/// </remarks>
internal sealed class BlobPaths(string root)
{
    public const string SegmentSuffix = ".segment";
    public const string IndexSuffix = ".index";

    public const string IndexDraftSuffix = IndexSuffix + StagingSuffix;

    private const string StagingSuffix = ".part";

    /// <summary>How many folders one level has: one per value of a byte.</summary>
    public const int FoldersPerLevel = 256;

    public string Root { get; } = root;

    public string Blobs { get; } = Path.Combine(root, "blobs");

    public string Staging { get; } = Path.Combine(root, "staging");

    public string Segments { get; } = Path.Combine(root, "segments");

    public string Segment(int number) => Path.Combine(Segments, SegmentName(number) + SegmentSuffix);

    public string SegmentIndex(int number) => Path.Combine(Segments, SegmentName(number) + IndexSuffix);

    /// <summary>An index that is being written; it is renamed when it is whole.</summary>
    public string SegmentIndexDraft(int number) => SegmentIndex(number) + StagingSuffix;

    public string StagingFile(BlobId id) => Path.Combine(Staging, id + StagingSuffix);

    public string Blob(BlobId id) => Path.Combine(LeafFolder(id), id.ToString());

    /// <summary>The folder that holds the blob.</summary>
    public string LeafFolder(BlobId id) => Path.Combine(BranchFolder(id), id.ToString()[^2..]);

    /// <summary>The folder that holds the leaf.</summary>
    public string BranchFolder(BlobId id) => Path.Combine(Blobs, id.ToString()[^4..^2]);

    /// <summary>The number of the branch folder, 0 to 255.</summary>
    public static int BranchNumber(BlobId id) => Tail(id) >> 8;

    /// <summary>The number of the leaf folder among all leaves, 0 to 65535.</summary>
    public static int LeafNumber(BlobId id) => Tail(id);

    /// <summary>Reads the name of a file in a leaf folder; false for anything that this store did not put there.</summary>
    public bool TryReadBlobPath(string path, out BlobId id) =>
        BlobId.TryParse(Path.GetFileName(path), out id) && string.Equals(Blob(id), path, StringComparison.Ordinal);

    /// <summary>Reads the name of a file in staging.</summary>
    public static bool TryReadStagingName(string name, out BlobId id)
    {
        id = default;
        return name.EndsWith(StagingSuffix, StringComparison.Ordinal) && BlobId.TryParse(name[..^StagingSuffix.Length], out id);
    }

    public static string SegmentName(int number) => number.ToString("x8", CultureInfo.InvariantCulture);

    private static int Tail(BlobId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.WriteBytes(bytes);
        return (bytes[14] << 8) | bytes[15];
    }
}
