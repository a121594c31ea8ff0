using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Storage;

namespace Coffre.Server.Uploads;

/// <summary>Files of one upload whose bytes are kept but which have no name yet. Disposed before they are named, they are purged.</summary>
/// <remarks>
/// Unless the commit that names them failed in a way that leaves its fate unknown (<see cref="CommitUnknownException"/>; a full disk is not one).
/// Then the bytes stay, and stay held, until the catalog can be asked: the sweep does so.
/// </remarks>
internal sealed class IncomingFiles(IBlobStore store, HeldBlobs held) : IAsyncDisposable
{
    private readonly List<(string Name, KeptBlob Blob)> _files = [];
    private Fate _fate;

    private enum Fate
    {
        Nameless,

        /// <summary>The catalog was asked, and has not answered, or with a commit that failed.</summary>
        Unknown,

        Named,
    }

    public IReadOnlyList<(string Name, KeptBlob Blob)> Files => _files;

    public long Bytes { get; private set; }

    public void Add(string name, KeptBlob blob)
    {
        held.Hold(blob.Id);
        _files.Add((name, blob));
        Bytes += blob.Length;
    }

    /// <summary>Asks the catalog to refer to them; a fault is its refusal.</summary>
    public Task<T> NameAsync<T>(CatalogStore catalog, Func<CatalogSession, T> work) => JudgeAsync(() => catalog.WriteAsync(work, CancellationToken.None));

    /// <summary>The same, together with others.</summary>
    public Task<T> NameAsync<TItem, T>(CatalogStore catalog, IGroupWork<TItem, T> work, TItem item) =>
        JudgeAsync(() => catalog.WriteAsync(work, item, CancellationToken.None));

    private async Task<T> JudgeAsync<T>(Func<Task<T>> ask)
    {
        _fate = Fate.Unknown;
        try
        {
            var answer = await ask();
            _fate = answer is IOutcome { IsFault: true } ? Fate.Nameless : Fate.Named;
            return answer;
        }
        catch (Exception exception) when (exception is not CommitUnknownException)
        {
            _fate = Fate.Nameless;
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_fate == Fate.Unknown)
        {
            held.Doubt(_files.Select(static file => file.Blob.Id));
            return;
        }

        // Released first: what cannot be purged now is an orphan that a sweep may take.
        foreach (var (_, blob) in _files)
        {
            held.Release(blob.Id);
        }

        if (_fate == Fate.Named)
        {
            return;
        }

        foreach (var (_, blob) in _files)
        {
            await store.PurgeAsync(blob.Id, CancellationToken.None);
        }
    }
}
