using System.IO.Enumeration;
using Coffre.Cli.Filters;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Client.Filters;

namespace Coffre.Cli.Links;

/// <summary>A file whose link is meant.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Path">As the user would write it.</param>
/// <param name="Link">Its link.</param>
internal sealed record LinkTarget(Account Account, string Path, string Link)
{
    /// <summary>What the listing shows; null where only the link was given.</summary>
    public RemoteFile? File { get; init; }

    /// <summary>The folder that holds it; null where only the link was given.</summary>
    public RemoteNode? Parent { get; init; }
}

/// <summary>Finds the files that paths, folders, patterns and links mean.</summary>
internal sealed class LinkTargets(Run run, bool recursive)
{
    /// <summary>Whether a link is looked up, so that one that leads nowhere is told.</summary>
    public bool ChecksLinks { get; init; } = true;

    /// <summary>Whether the notes of sync are meant too: they have links, which may have become known.</summary>
    public bool WithNotes { get; init; }

    /// <summary>Which files of folders are meant.</summary>
    public PathFilter Filter { get; init; } = PathFilter.All;

    /// <exception cref="CliException">One of them means nothing.</exception>
    public async Task<IReadOnlyList<LinkTarget>> FindAsync(IEnumerable<string> words, CancellationToken cancellationToken)
    {
        List<LinkTarget> targets = [];
        foreach (var place in words.Select(Place.ParseRemote).ToArray())
        {
            switch (place)
            {
                case LinkPlace link when !ChecksLinks:
                    targets.Add(new LinkTarget(run.Open(link), link.Link, link.Link));
                    break;
                case RemotePlace { EndsWithSlash: false } pattern when pattern.Name.AsSpan().IndexOfAny('*', '?') >= 0:
                    targets.AddRange(await MatchAsync(pattern, cancellationToken));
                    break;
                default:
                    targets.AddRange(await ListAsync(await Finder.GetAsync(run, place, cancellationToken), cancellationToken));
                    break;
            }
        }

        // Two words may mean one file.
        return [.. targets.DistinctBy(target => (target.Account, target.Link))];
    }

    private async Task<IEnumerable<LinkTarget>> MatchAsync(RemotePlace pattern, CancellationToken cancellationToken)
    {
        // A file may really be called so.
        if (await Finder.FindAsync(run, pattern, cancellationToken) is { } exact)
        {
            return await ListAsync(exact, cancellationToken);
        }

        var above = pattern with { Names = [.. pattern.ParentNames] };
        var folder = await Finder.GetFolderAsync(run, above, cancellationToken);
        var node = await folder.Account.Index.GetAsync(folder.Folder.Id, cancellationToken);
        var found = RemoteChoice.FilesOf(node, WithNotes).Where(file => FileSystemName.MatchesSimpleExpression(pattern.Name.Replace("\\", "\\\\", StringComparison.Ordinal), file.Key, ignoreCase: false))
            .Select(file => Of(folder.Account, above.Below(file.Key), file.Value, node)).ToArray();
        return found.Length > 0 ? found : throw CliException.NotFound($"No file fits {pattern}.");
    }

    private async Task<IEnumerable<LinkTarget>> ListAsync(Found found, CancellationToken cancellationToken)
    {
        switch (found)
        {
            case FoundFile file:
                return [new LinkTarget(file.Account, file.Where.ToString()!, file.File.Link) { File = file.File, Parent = file.Parent }];
            case FoundFolder folder:
                List<LinkTarget> below = [];
                var walk = new FolderWalk(run, folder.Account) { Filter = Filter, WithNotes = WithNotes, Depth = recursive ? int.MaxValue : 1 };
                await foreach (var opened in walk.OpenAsync(folder, cancellationToken))
                {
                    below.AddRange(opened.Files.Select(file => Of(folder.Account, opened.Place.Below(file.Key), file.Value, opened.Node)));
                }

                return below;
            default:
                throw new InvalidOperationException(found.GetType().Name);
        }
    }

    private static LinkTarget Of(Account account, RemotePlace place, RemoteFile file, RemoteNode parent) =>
        new(account, place.ToString(), file.Link) { File = file, Parent = parent };
}
