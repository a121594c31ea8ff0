using Coffre.Client.Filters;

namespace Coffre.Client.Sync;

/// <summary>How two files are found to be the same.</summary>
public enum SyncComparison
{
    /// <summary>Size and modification time; where a time is unknown or differs, the checksum.</summary>
    SizeAndTime,

    /// <summary>Size and Whirlpool, whatever the times say.</summary>
    Checksum,

    /// <summary>Size alone.</summary>
    SizeOnly,
}

/// <summary>How a tree is brought to another place.</summary>
public sealed record SyncOptions
{
    /// <summary>How files are compared.</summary>
    public SyncComparison Comparison { get; init; }

    /// <summary>Whether files that are at the destination already are left alone, whatever they hold.</summary>
    public bool IgnoreExisting { get; init; }

    /// <summary>Whether what is at the destination alone goes.</summary>
    public bool Deletes { get; init; }

    /// <summary>Whether it goes for good; else it goes into a trash folder with the date.</summary>
    public bool DeletesForGood { get; init; }

    /// <summary>Most files that may go; where more would, nothing is done at all.</summary>
    public int MaxDelete { get; init; } = 100;

    /// <summary>Most files of a hundred at the destination that may go; where more would, nothing is done at all.</summary>
    public int MaxDeletePercent { get; init; } = 10;

    /// <summary>Which files and folders take part; the rest is neither copied nor deleted.</summary>
    public PathFilter Filter { get; init; } = PathFilter.All;

    /// <summary>Whether local symbolic links stand for what they point to; else they are left out. At a local destination they always are.</summary>
    public bool FollowLinks { get; init; }

    /// <summary>Transfers at the same time; 1 or more.</summary>
    public int Transfers { get; init; } = 4;

    /// <summary>Told what happens.</summary>
    public ISyncListener? Listener { get; init; }
}

/// <summary>Told what a sync meets and does; from any thread.</summary>
public interface ISyncListener
{
    /// <summary>Something to worry about.</summary>
    void Warn(string message);

    /// <summary>An item failed; the run goes on, but deletes nothing.</summary>
    /// <param name="path">Relative to the top.</param>
    /// <param name="trouble">Why.</param>
    void Failed(string path, Exception trouble);

    /// <summary>An action of the plan is done.</summary>
    /// <param name="action">The action.</param>
    /// <param name="file">The remote file that it made, fetched or moved, if it was one.</param>
    void Done(SyncAction action, RemoteFile? file);

    /// <summary>A transfer begins; null: nobody wants to know how far it is. Disposed at its end, if it can be.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="length">Bytes.</param>
    IProgress<long>? Begin(string name, long length);
}
