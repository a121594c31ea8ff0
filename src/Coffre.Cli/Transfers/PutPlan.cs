using System.Runtime.CompilerServices;
using Coffre.Cli.Commands;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Transfers;

/// <summary>Walks the sources of an upload, makes the remote folders, and hands out what goes into them.</summary>
/// <remarks>
/// As <c>cp -r</c>: a source goes into the destination if that is a folder already, is written with a slash, or there are several
/// sources; otherwise it becomes the destination. A source folder written with a slash means what it holds.
/// </remarks>
internal sealed class PutPlan(Run run, Account account, RemotePlace destination, LocalTree tree, Tally tally)
{
    // Small files share a request: three requests for hundreds of them instead of three for each. They are read before the request
    // begins, so that none of them can spoil it; this bounds what lies in memory for each transfer.
    private static readonly BatchSize Plenty = new(SmallFile: 1024 * 1024, Bytes: 8 * 1024 * 1024, Files: 200);
    private const int FewestFiles = 25;
    private const int BatchesEach = 3;

    // Where calls are dear, as much goes into one as the protocol takes.
    private static readonly BatchSize Dear = new(SmallFile: 8 * 1024 * 1024, Bytes: 32 * 1024 * 1024, Files: CoffreClient.MaxFilesPerUpload);

    /// <summary>How many batches are on their way at the same time.</summary>
    public int Transfers { get; init; } = 1;

    public async IAsyncEnumerable<PutJob> WalkAsync(IReadOnlyList<string> sources, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var into = sources.Count > 1 || destination.EndsWithSlash || destination.IsRoot
            ? await account.Index.EnsurePathAsync(destination.Names, cancellationToken)
            : await account.Index.FindFolderAsync(destination.Names, cancellationToken);
        foreach (var source in sources)
        {
            if (Directory.Exists(source))
            {
                var folder = new DirectoryInfo(source);
                var isContents = Path.EndsInDirectorySeparator(source) || Path.GetFileName(source) is "." or "..";
                var (place, node) = into is null ? (destination, await account.Index.EnsurePathAsync(destination.Names, cancellationToken))
                    : isContents ? (destination, into)
                    : (destination.Below(folder.Name), await account.Index.EnsureFolderAsync(into, folder.Name, cancellationToken));
                await foreach (var job in WalkFolderAsync(folder, place, node, cancellationToken))
                {
                    yield return job;
                }
            }
            else if (FindFile(source) is { } file)
            {
                yield return into is null
                    ? new PutJob(Parent(destination), await account.Index.EnsurePathAsync(destination.ParentNames, cancellationToken), [new PutFile(source, destination.Name, file.Length)])
                    : new PutJob(destination, into, [new PutFile(source, Path.GetFileName(source), file.Length)]);
            }
        }
    }

    private FileInfo? FindFile(string source)
    {
        // A link that is named is followed, as cp does.
        var file = new FileInfo(source);
        file = file.Exists ? file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file : file;
        if (file.Exists && !SpecialFiles.IsSpecial(file))
        {
            return file;
        }

        tally.Failed(source, file.Exists
            ? CliException.Usage("This is a pipe, a socket or a device.", "pour it into: coffre put - PATH")
            : new CliException(ExitCode.NotFound, "not_found", "There is no such file or folder here.", "check the spelling"));
        return null;
    }

    private async IAsyncEnumerable<PutJob> WalkFolderAsync(
        DirectoryInfo folder, RemotePlace place, RemoteNode node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!tree.TryEnter(folder))
        {
            yield break;
        }

        Entries.WarnOfUnlisted(run, node, place);
        var (files, folders) = tree.Look(folder);
        foreach (var batch in Batches(files, account.Client.CallsAreDear ? Dear : Shared(files.Count)))
        {
            yield return new PutJob(place, node, batch);
        }

        foreach (var child in folders)
        {
            if (await TryMakeAsync(node, child, place, cancellationToken) is { } childNode)
            {
                await foreach (var job in WalkFolderAsync(child, place.Below(child.Name), childNode, cancellationToken))
                {
                    yield return job;
                }
            }
        }

        tree.Leave(folder);
    }

    private async Task<RemoteNode?> TryMakeAsync(RemoteNode parent, DirectoryInfo child, RemotePlace place, CancellationToken cancellationToken)
    {
        try
        {
            return await account.Index.EnsureFolderAsync(parent, child.Name, cancellationToken);
        }
        catch (CoffreException trouble)
        {
            tally.Failed(place.Below(child.Name).ToString(), trouble);
            return null;
        }
    }

    /// <summary>Where calls are cheap the files of one folder are spread over all transfers, so that none of them is idle.</summary>
    private BatchSize Shared(int files) => Plenty with { Files = Math.Clamp(files / (Transfers * BatchesEach), FewestFiles, Plenty.Files) };

    private static IEnumerable<IReadOnlyList<PutFile>> Batches(IReadOnlyList<PutFile> files, BatchSize most)
    {
        List<PutFile> batch = [];
        long bytes = 0;
        foreach (var file in files)
        {
            if (file.Length > most.SmallFile)
            {
                yield return [file];
                continue;
            }

            batch.Add(file);
            bytes += file.Length;
            if (batch.Count == most.Files || bytes >= most.Bytes)
            {
                yield return batch;
                batch = [];
                bytes = 0;
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    /// <param name="SmallFile">Bytes; what is larger goes alone.</param>
    /// <param name="Bytes">When a batch is full.</param>
    /// <param name="Files">When a batch is full.</param>
    private sealed record BatchSize(long SmallFile, long Bytes, int Files);

    private static RemotePlace Parent(RemotePlace place) => place with { Names = [.. place.ParentNames], EndsWithSlash = true };
}
