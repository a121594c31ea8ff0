using System.Runtime.CompilerServices;
using Coffre.Cli.Commands;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Client.Filters;

namespace Coffre.Cli.Filters;

/// <summary>What a walk has just done with a folder.</summary>
internal enum WalkStep
{
    /// <summary>It was seen in the folder above, and is not asked for yet. Not said of the top.</summary>
    Seen,

    /// <summary>What it holds is known; what lies below comes next.</summary>
    Opened,

    /// <summary>All below it is done.</summary>
    Done,
}

/// <summary>Walks a remote folder and what lies below, each folder listed when its turn comes. Whoever shows or takes whole folders walks so.</summary>
/// <remarks>A folder that a marker file leaves out is seen, but neither opened nor done; one that the filter leaves out is not even seen.</remarks>
internal sealed class FolderWalk(Run run, Account account)
{
    /// <summary>Which files and folders take part.</summary>
    public PathFilter Filter { get; init; } = PathFilter.All;

    /// <summary>Whether the notes of sync take part.</summary>
    public bool WithNotes { get; init; }

    /// <summary>How many levels are opened: 1 is the top alone.</summary>
    public int Depth { get; init; } = int.MaxValue;

    /// <summary>The folders that are opened, each before those below it.</summary>
    public async IAsyncEnumerable<WalkedFolder> OpenAsync(FoundFolder top, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (step, folder) in StepsAsync(top, cancellationToken))
        {
            if (step is WalkStep.Opened)
            {
                yield return folder;
            }
        }
    }

    /// <summary>Every step of the way.</summary>
    public async IAsyncEnumerable<(WalkStep Step, WalkedFolder Folder)> StepsAsync(FoundFolder top, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var start = new WalkedFolder(top.Place, top.Folder, above: null);
        if (!await TryOpenAsync(start, cancellationToken))
        {
            yield break;
        }

        yield return (WalkStep.Opened, start);
        for (var here = start; here is not null;)
        {
            if (here.Next() is not { } below)
            {
                yield return (WalkStep.Done, here);
                here = here.Above;
                continue;
            }

            yield return (WalkStep.Seen, below);
            if (below.Level < Depth && await TryOpenAsync(below, cancellationToken))
            {
                yield return (WalkStep.Opened, below);
                here = below;
            }
        }
    }

    private async Task<bool> TryOpenAsync(WalkedFolder folder, CancellationToken cancellationToken)
    {
        var node = await account.Index.GetAsync(folder.Folder.Id, cancellationToken);
        Entries.WarnOfUnlisted(run, node, folder.Place);
        if (RemoteChoice.FilesOf(Filter, node, folder.Path, WithNotes) is not { } files)
        {
            return false;
        }

        folder.Open(node, files, [.. node.Folders.Where(below => Filter.MayHold(folder.Path + below.Key))]);
        return true;
    }
}

/// <summary>A folder on the way of a <see cref="FolderWalk"/>.</summary>
internal sealed class WalkedFolder(RemotePlace place, RemoteFolder folder, WalkedFolder? above)
{
    private RemoteNode? _node;
    private IReadOnlyList<KeyValuePair<string, RemoteFolder>> _folders = [];
    private int _next;

    /// <summary>As the user would write it.</summary>
    public RemotePlace Place => place;

    /// <summary>What it is.</summary>
    public RemoteFolder Folder => folder;

    /// <summary>The folder that holds it; null for the top.</summary>
    public WalkedFolder? Above => above;

    /// <summary>From the top, as the filter sees it: empty for the top, else with a slash at its end.</summary>
    public string Path { get; } = above is null ? "" : above.Path + place.Name + "/";

    /// <summary>0 for the top.</summary>
    public int Level { get; } = above is null ? 0 : above.Level + 1;

    /// <summary>Whether nothing that takes part comes after it in the folder above.</summary>
    public bool IsLast { get; private init; }

    /// <summary>What it holds, once it is opened.</summary>
    public RemoteNode Node => _node ?? throw new InvalidOperationException($"{Place} is not opened.");

    /// <summary>The files in it that take part, once it is opened: in ordinal order, the newest of one name first.</summary>
    public IReadOnlyList<KeyValuePair<string, RemoteFile>> Files { get; private set; } = [];

    /// <summary>Leaves out what lies below and was not seen yet.</summary>
    public void Pass() => _next = _folders.Count;

    internal void Open(RemoteNode node, IReadOnlyList<KeyValuePair<string, RemoteFile>> files, IReadOnlyList<KeyValuePair<string, RemoteFolder>> folders) =>
        (_node, Files, _folders) = (node, files, folders);

    /// <summary>The next folder in it; null after the last.</summary>
    internal WalkedFolder? Next()
    {
        if (_next >= _folders.Count)
        {
            return null;
        }

        var (name, below) = _folders[_next++];
        return new WalkedFolder(Place.Below(name), below, this) { IsLast = _next == _folders.Count && Files.Count == 0 };
    }
}
