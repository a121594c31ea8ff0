using System.Net.Http.Headers;

namespace Coffre.Client.Downloads;

/// <summary>A remote file that is being fetched: its link, which lasts, and what all ranges of it share.</summary>
/// <remarks>
/// One download address serves all of them until one finds it used up, expired or cut off. Who finds that first gets a new one,
/// and the others go on with it.
/// </remarks>
/// <param name="client">Asks for addresses.</param>
/// <param name="link">Public link.</param>
/// <param name="password">Password of the file.</param>
/// <param name="size">Size of the file, if known: another size means another file.</param>
/// <param name="tag">Version that earlier bytes belong to, if known.</param>
internal sealed class DownloadSource(CoffreClient client, string link, string? password, long? size, string? tag = null) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private Uri? _address;
    private EntityTagHeaderValue? _version = EntityTagHeaderValue.TryParse(tag, out var parsed) ? parsed : null;
    private long? _size = size;
    private long _received;

    public long? Size => _size;

    /// <summary>The version of the file that all bytes must belong to; null until the service named one.</summary>
    public EntityTagHeaderValue? Version => _version;

    /// <summary>Bytes of bodies that were read, also those that were there already.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>An address to fetch from.</summary>
    /// <param name="spent">One that is no good any more; null if none was tried.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async ValueTask<Uri> GetAddressAsync(Uri? spent, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_address is null || ReferenceEquals(_address, spent))
            {
                _address = null;
                _address = await client.GetDownloadAddressAsync(link, password, cancellationToken).ConfigureAwait(false);
            }

            return _address;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What is wrong with an answer of that size and version; null if it is the file that was begun with.</summary>
    public string? Compare(long? size, EntityTagHeaderValue? version)
    {
        lock (_gate)
        {
            if (size is { } found && _size is { } known && found != known)
            {
                return $"has {found} bytes now, not {known}";
            }

            if (_version is not null && version is not null && !_version.Equals(version))
            {
                return "changed while it was being fetched";
            }

            _size ??= size;
            _version ??= version;
            return null;
        }
    }

    public void Count(int bytes) => Interlocked.Add(ref _received, bytes);

    public void Dispose() => _turn.Dispose();
}
