namespace Coffre.Client.Sync;

/// <summary>What is done with one path.</summary>
public enum SyncActionKind
{
    /// <summary>A folder is made at the destination.</summary>
    MakeFolder,

    /// <summary>A file that is at the destination already gets another path there; no content travels.</summary>
    Move,

    /// <summary>A file that is at the destination already is copied there; no content travels.</summary>
    Copy,

    /// <summary>A file travels.</summary>
    Transfer,

    /// <summary>The content is right; time or permissions are brought up to date.</summary>
    Note,

    /// <summary>Permissions of a folder are brought up to date.</summary>
    NoteFolder,

    /// <summary>A file at the destination goes.</summary>
    Delete,

    /// <summary>A folder at the destination goes, if nothing is in it by then.</summary>
    DeleteFolder,
}

/// <summary>One step of a plan.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Path">Relative to the top of the destination, <c>/</c> between names.</param>
/// <param name="Reason">Why, in a few words.</param>
public sealed record SyncAction(SyncActionKind Kind, string Path, string Reason)
{
    /// <summary>Where a moved or copied file lies before; null otherwise.</summary>
    public string? From { get; init; }

    /// <summary>Bytes of the file; 0 for folders.</summary>
    public long Size { get; init; }

    /// <summary>Whether it stands in the way of what comes, so that it goes first, and into the trash in any case.</summary>
    public bool IsInTheWay { get; init; }

    internal SyncFile? Source { get; init; }

    internal SyncFile? Target { get; init; }

    internal int? Mode { get; init; }
}

/// <summary>Why a plan must not be applied: more would go than the limits allow.</summary>
/// <param name="Reason">One sentence.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record SyncStop(string Reason, string Advice);

/// <summary>One side as a plan found it.</summary>
/// <param name="Files">Files that take part.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Fingerprint">A digest of their paths, sizes, times and versions, and of the folders.</param>
public sealed record SyncSide(int Files, long Bytes, string Fingerprint);

/// <summary>What has to be done to bring one tree to another place: a value, made by comparing the two. Nothing is changed by making it.</summary>
public sealed record SyncPlan
{
    /// <summary>What is done, in this order.</summary>
    public required IReadOnlyList<SyncAction> Actions { get; init; }

    /// <summary>Why it must not be applied; null: it may.</summary>
    public SyncStop? Stop { get; init; }

    /// <summary>The source as it was found.</summary>
    public required SyncSide Source { get; init; }

    /// <summary>The destination as it was found.</summary>
    public required SyncSide Destination { get; init; }

    /// <summary>Files that are the same on both sides.</summary>
    public required int Same { get; init; }

    /// <summary>What could not be read or compared. While there is any, nothing is deleted.</summary>
    public required IReadOnlyList<(string Path, Exception Trouble)> Problems { get; init; }

    /// <summary>Files that would go.</summary>
    public int Deletions => Actions.Count(action => action.Kind is SyncActionKind.Delete);
}
