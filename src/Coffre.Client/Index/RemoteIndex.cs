namespace Coffre.Client;

/// <summary>The remote tree as far as it was looked at: finds paths, and lists each folder at most once.</summary>
/// <remarks>
/// Names are those of local files: they pass through <see cref="NameEncoding"/> on their way. Lives as long as one run; what
/// others change meanwhile is not seen. All members may be used from any thread.
/// </remarks>
public sealed class RemoteIndex(CoffreClient client)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Task<RemoteNode>> _nodes = [];

    /// <summary>What a folder holds.</summary>
    /// <param name="folderId">Folder; 0 is the root.</param>
    /// <param name="cancellationToken">Cancels the listing, for all who wait for it.</param>
    /// <exception cref="CoffreException">What <see cref="CoffreClient.ListFolderAsync"/> throws.</exception>
    public async Task<RemoteNode> GetAsync(long folderId, CancellationToken cancellationToken = default)
    {
        Task<RemoteNode> listing;
        lock (_gate)
        {
            if (!_nodes.TryGetValue(folderId, out listing!) || listing.IsFaulted || listing.IsCanceled)
            {
                _nodes[folderId] = listing = ListAsync(folderId, cancellationToken);
            }
        }

        return await listing.ConfigureAwait(false);
    }

    /// <summary>Follows a path from the root; null if there is no such folder.</summary>
    /// <param name="names">Local names, from the root down.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<RemoteNode?> FindFolderAsync(IEnumerable<string> names, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        var node = await GetAsync(RemoteFolder.RootId, cancellationToken).ConfigureAwait(false);
        foreach (var name in names)
        {
            if (node.FindFolder(name) is not { } next)
            {
                return null;
            }

            node = await GetAsync(next.Id, cancellationToken).ConfigureAwait(false);
        }

        return node;
    }

    /// <summary>The folder of that name in <paramref name="parent"/>; made if it is not there.</summary>
    /// <exception cref="CoffreException"><see cref="CoffreError.Conflict"/>: a file has that name.</exception>
    public async Task<RemoteNode> EnsureFolderAsync(RemoteNode parent, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (parent.FindFolder(name) is { } found)
        {
            return await GetAsync(found.Id, cancellationToken).ConfigureAwait(false);
        }

        if (parent.FindFiles(name).Count > 0)
        {
            throw new CoffreException(CoffreError.Conflict, $"A file called '{name}' stands where a folder is needed.");
        }

        var encoded = NameEncoding.Encode(name);
        if (Protocol.Names.Check(encoded) is { } trouble)
        {
            throw new CoffreException(CoffreError.BadName, $"'{name}' cannot be the name of a remote folder: {trouble.Reason}.");
        }

        var made = await client.CreateFolderAsync(encoded, parent.Id, cancellationToken).ConfigureAwait(false);
        parent.Add(made);

        // A folder that was just made is known to be empty: no need to list it.
        var node = new RemoteNode(new FolderListing(made.Id, made.Name, [], []));
        lock (_gate)
        {
            _nodes.TryAdd(made.Id, Task.FromResult(node));
        }

        return node;
    }

    /// <summary>Follows a path from the root and makes what is missing.</summary>
    public async Task<RemoteNode> EnsurePathAsync(IEnumerable<string> names, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        var node = await GetAsync(RemoteFolder.RootId, cancellationToken).ConfigureAwait(false);
        foreach (var name in names)
        {
            node = await EnsureFolderAsync(node, name, cancellationToken).ConfigureAwait(false);
        }

        return node;
    }

    private async Task<RemoteNode> ListAsync(long folderId, CancellationToken cancellationToken) =>
        new(await client.ListFolderAsync(folderId, cancellationToken).ConfigureAwait(false));
}
