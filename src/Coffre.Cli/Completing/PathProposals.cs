using Coffre.Cli.Filters;
using Coffre.Cli.Places;
using Coffre.Cli.Profiles;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Completing;

/// <summary>Remote paths, as far as the index on this machine knows them. Nothing is asked of the service.</summary>
internal sealed class PathProposals(Run run)
{
    private const int Most = 200;

    /// <summary>Paths that begin so; nothing where the word is no beginning of a remote path: then the shell completes local names.</summary>
    public async Task<IReadOnlyList<Completer.Proposal>> ListAsync(string current, CancellationToken cancellationToken)
    {
        try
        {
            return current.Contains(":/", StringComparison.Ordinal)
                ? await ListFolderAsync(current, cancellationToken)
                : [.. Roots().Where(root => current.Length > 0 && root.Text.StartsWith(current, StringComparison.Ordinal))];
        }
        catch (Exception exception) when (exception is CliException or CoffreException or IOException or UnauthorizedAccessException)
        {
            // A tabulator is no place for errors.
            return [];
        }
    }

    private IEnumerable<Completer.Proposal> Roots() =>
        run.Profiles.Read().Profiles.Select(pair => new Completer.Proposal(pair.Key + ":/", pair.Value.Url)).Prepend(new Completer.Proposal(":/", "default profile"));

    private async Task<IReadOnlyList<Completer.Proposal>> ListFolderAsync(string current, CancellationToken cancellationToken)
    {
        // A program that prints the key may ask its user for a password: not at a tabulator.
        if (run.World.Variable("COFFRE_API_KEY_COMMAND") is { Length: > 0 } && run.World.Variable("COFFRE_API_KEY_FILE") is not { Length: > 0 })
        {
            return [];
        }

        var slash = current.LastIndexOf('/');
        if (Place.Parse(current[..(slash + 1)]) is not RemotePlace place)
        {
            return [];
        }

        var account = run.Open(place);
        account.Index.Use = IndexUse.Offline;
        if (await account.Index.FindFolderAsync(place.Names, cancellationToken) is not { } folder)
        {
            return [];
        }

        var names = folder.Folders.Select(below => below.Key + "/").Concat(RemoteChoice.FilesOf(folder).Select(file => file.Key));
        return [.. names
            .Where(name => name.StartsWith(current[(slash + 1)..], StringComparison.Ordinal) && !name.Any(char.IsControl))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Take(Most)
            .Select(name => new Completer.Proposal(current[..(slash + 1)] + name, ""))];
    }
}
