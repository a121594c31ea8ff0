using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Transfers;

/// <summary>Where sources of <c>cp</c> and <c>mv</c> go: into a folder under their own names, or into it under a new one.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Place">The folder as the user would write it.</param>
/// <param name="Node">What it holds.</param>
/// <param name="NewName">Name that the one source gets; null keeps names.</param>
internal sealed record RemoteTarget(Account Account, RemotePlace Place, RemoteNode Node, string? NewName)
{
    public static async Task<RemoteTarget> OfAsync(Run run, RemotePlace destination, int sources, CancellationToken cancellationToken)
    {
        var account = run.Open(destination);
        if (sources > 1 || destination.EndsWithSlash || destination.IsRoot)
        {
            return new RemoteTarget(account, destination, await account.Index.EnsurePathAsync(destination.Names, cancellationToken), null);
        }

        if (await account.Index.FindFolderAsync(destination.Names, cancellationToken) is { } existing)
        {
            return new RemoteTarget(account, destination, existing, null);
        }

        var parent = await account.Index.EnsurePathAsync(destination.ParentNames, cancellationToken);
        return new RemoteTarget(account, destination with { Names = [.. destination.ParentNames] }, parent, destination.Name);
    }

    /// <summary>What a file of that name would do here.</summary>
    public (string Name, IReadOnlyList<RemoteFile> Old, bool Skip) Decide(RemoteNode node, string name, IfExists ifExists)
    {
        if (node.FindFolder(name) is not null)
        {
            throw CliException.Conflict($"A folder called '{name}' stands in {Place}.", "choose another name");
        }

        var old = node.FindFiles(name);
        return (old.Count, ifExists) switch
        {
            (0, _) => (name, [], false),
            (_, IfExists.Skip) => (name, old, true),
            (_, IfExists.Overwrite) => (name, old, false),
            (_, IfExists.Rename) => (IfExistsFlag.FreeName(name, taken => node.FindFiles(taken).Count > 0 || node.FindFolder(taken) is not null), [], false),
            _ => throw CliException.Conflict($"A file called '{name}' is in {Place} already.", "choose another name, or another --if-exists"),
        };
    }

    /// <exception cref="CliException">The source belongs to another account.</exception>
    public void MustBeSameAccount(Found source)
    {
        if (source is not FoundFile { Place: LinkPlace } && !ReferenceEquals(source.Account, Account))
        {
            throw CliException.Usage($"{source.Where} is in another account than the destination.", "get it and put it");
        }
    }

    /// <exception cref="CliException">The folder would land in itself.</exception>
    public void MustNotBeInside(FoundFolder source)
    {
        if (source.Place.IsRoot || Place.Names.Take(source.Place.Names.Count).SequenceEqual(source.Place.Names, StringComparer.Ordinal))
        {
            throw CliException.Conflict($"{source.Place} cannot go into itself.", "choose another destination");
        }
    }
}
