using Coffre.Client.Index;

namespace Coffre.Client;

/// <summary>The remote tree as far as it is known: finds paths, lists each folder at most once, remembers what it saw between runs.</summary>
/// <remarks>
/// Names are those of local files: they pass through <see cref="NameEncoding"/> on their way. What is written through the index is
/// known to it at once; what others change is seen when their folder is listed again. The copy lies in
/// <see cref="CoffreClientOptions.StateFolder"/>, in memory without one, and can be removed at any time. All members may be used from any thread.
/// </remarks>
public sealed class RemoteIndex : IDisposable
{
    private const int ListingsAtOnce = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Task<RemoteNode>> _nodes = [];
    private readonly HashSet<long> _again = [];
    private readonly CoffreClient _client;
    private readonly Lazy<IndexStore> _store;
    private DateTimeOffset? _asOf;

    /// <summary>Makes an index; nothing is read or asked yet.</summary>
    public RemoteIndex(CoffreClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _store = new Lazy<IndexStore>(() => IndexStore.Open(PathFor(client)));
    }

    /// <summary>How old answers may be.</summary>
    public IndexUse Use { get; set; }

    /// <summary>When the oldest of the folders was listed that answers of this run rest on; null if all were listed in it.</summary>
    public DateTimeOffset? AsOf
    {
        get
        {
            lock (_gate)
            {
                return _asOf;
            }
        }
    }

    internal IndexStore Store => _store.Value;

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
                _nodes[folderId] = listing = LookAsync(folderId, cancellationToken);
            }
        }

        return await listing.ConfigureAwait(false);
    }

    /// <summary>The same, as the service has it now, even if this run looked at it before; once for each folder. <see cref="Use"/> must be <see cref="IndexUse.Refresh"/>.</summary>
    public async Task<RemoteNode> GetAgainAsync(long folderId, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_again.Add(folderId))
            {
                _nodes.Remove(folderId);
            }
        }

        return await GetAsync(folderId, cancellationToken).ConfigureAwait(false);
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

        var made = await _client.CreateFolderAsync(encoded, parent.Id, cancellationToken).ConfigureAwait(false);
        parent.AddMade(made, _client.Time.GetUtcNow());

        // A folder that was just made is known to be empty: no need to list it.
        var node = new RemoteNode(new FolderListing(made.Id, made.Name, [], []), _store.Value);
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

    /// <summary>Says that a folder was changed past the index: the next run lists it again.</summary>
    public void Doubt(long folderId) => _store.Value.Write(session => IndexTable.Doubt(session, folderId));

    /// <summary>Makes sure that every folder below one is known, as <see cref="Use"/> demands.</summary>
    public async Task CoverAsync(long folderId, CancellationToken cancellationToken = default)
    {
        if (folderId == RemoteFolder.RootId && Use is (IndexUse.Known or IndexUse.Offline) && _store.Value.Read(IndexTable.OldestOfAll) is { } oldest)
        {
            NoteAge(oldest);
            return;
        }

        var looked = new HashSet<long>();
        if (Use is IndexUse.Refresh && await RefreshWholeAsync(folderId, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        while (true)
        {
            // Listings bring folders that nobody knew of: until there are none.
            var wanted = _store.Value.Read(session => IndexTable.ListBelow(session, folderId)).Where(folder => looked.Add(folder.Id)).ToArray();
            if (wanted.Length == 0)
            {
                return;
            }

            long[] stale = [.. wanted.Where(folder => Use is IndexUse.Fresh or IndexUse.Refresh || folder.Listed is null).Select(folder => folder.Id)];
            NoteAge(wanted.Where(folder => Use is IndexUse.Known or IndexUse.Offline).Min(folder => folder.Listed));
            if (Use is IndexUse.Offline || stale.Length == 0)
            {
                // What nobody asks for brings no folders.
                return;
            }

            await Parallel.ForEachAsync(
                stale,
                new ParallelOptions { MaxDegreeOfParallelism = ListingsAtOnce, CancellationToken = cancellationToken },
                async (id, token) => await GetAsync(id, token).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    /// <summary>Whether one listing of the whole account took the place of all that <see cref="CoverAsync"/> would have asked for.</summary>
    public bool IsFromWholeAccount { get; private set; }

    /// <summary>Files and folders below one that fit, from what is known: see <see cref="CoverAsync"/>.</summary>
    public IReadOnlyList<IndexHit> Find(long folderId, IndexSearch search)
    {
        ArgumentNullException.ThrowIfNull(search);
        return IndexAnswers.Find(_store.Value, folderId, search);
    }

    /// <summary>Every file below a folder whose content is there more than once, equal ones side by side, the largest first.</summary>
    public IReadOnlyList<IndexHit> FindDuplicates(long folderId) => IndexAnswers.FindDuplicates(_store.Value, folderId);

    /// <summary>What each folder down to a depth holds with all below, the one that was asked for last.</summary>
    /// <param name="folderId">Where to begin.</param>
    /// <param name="depth">Levels below it that get a line of their own; 0: only the sum.</param>
    public IReadOnlyList<IndexUsage> Measure(long folderId, int depth) => IndexAnswers.Measure(_store.Value, folderId, depth);

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        if (_store.IsValueCreated)
        {
            _store.Value.Dispose();
        }
    }

    private static string? PathFor(CoffreClient client)
    {
        if (client.StateFolder is not { } folder)
        {
            return null;
        }

        return Path.Combine(folder, $"index-{client.Identity}.db");
    }

    private async Task<RemoteNode> LookAsync(long folderId, CancellationToken cancellationToken)
    {
        var store = _store.Value;
        if (Use is not IndexUse.Refresh && store.Read(session => IndexTable.FindListing(session, folderId)) is { } known
            && (Use is not IndexUse.Fresh || known.Listed + await _client.RestOfFoldersAsync(cancellationToken).ConfigureAwait(false) > _client.Time.GetUtcNow()))
        {
            NoteAge(known.Listed);
            return new RemoteNode(known.Listing, store);
        }

        if (Use is IndexUse.Offline)
        {
            throw new CoffreException(CoffreError.NotFound, "This folder was never listed on this machine.") { Advice = "leave --offline out, once" };
        }

        var asked = _client.Time.GetUtcNow();
        var listing = await _client.ListFolderAsync(folderId, cancellationToken).ConfigureAwait(false);
        store.Write(session => IndexTable.Keep(session, listing, asked));
        return new RemoteNode(listing, store);
    }

    private async Task<bool> RefreshWholeAsync(long folderId, CancellationToken cancellationToken)
    {
        var below = _store.Value.Read(session => IndexTable.ListBelow(session, folderId));
        var whole = _store.Value.Read(session => IndexTable.ListBelow(session, RemoteFolder.RootId));
        var isDear = await _client.RestOfFoldersAsync(cancellationToken).ConfigureAwait(false) > TimeSpan.Zero;
        if (!isDear || whole.Any(folder => folder.Listed is null) || !await new AccountRefresh(_client, _store.Value).TryAsync(below.Count, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        // The folders are as they were when they were listed.
        NoteAge(below.Min(folder => folder.Listed));
        return IsFromWholeAccount = true;
    }

    private void NoteAge(DateTimeOffset? listed)
    {
        lock (_gate)
        {
            _asOf = listed < (_asOf ?? DateTimeOffset.MaxValue) ? listed : _asOf;
        }
    }
}
