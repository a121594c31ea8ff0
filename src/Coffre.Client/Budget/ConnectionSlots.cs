using System.Globalization;
using Coffre.Client.Calls;

namespace Coffre.Client.Budget;

/// <summary>Keeps the downloads of all processes of this user within the connections that 1fichier.com allows together.</summary>
/// <remarks>
/// A slot is a file that is open, and so locked, while its connection lives; the system frees it when its holder dies. Without a
/// state folder the client counts its own.
/// </remarks>
internal sealed class ConnectionSlots(CoffreClientOptions options, ServiceAddress address) : IDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    private readonly int _count = ServiceFacts.Known.Published.DownloadConnections;
    private readonly SemaphoreSlim _own = new(ServiceFacts.Known.Published.DownloadConnections);
    private readonly string? _folder = options.StateFolder is { } state ? Path.Combine(state, "connections") : null;

    /// <summary>Waits for a slot; at once, and for nothing, where the service has no such rule.</summary>
    /// <returns>To be disposed when the connection is not used any more.</returns>
    /// <exception cref="CoffreException"><see cref="CoffreError.LocalFile"/>.</exception>
    public async ValueTask<IDisposable?> EnterAsync(CancellationToken cancellationToken)
    {
        if (!address.IsOneFichier)
        {
            return null;
        }

        await _own.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                if (_folder is null)
                {
                    return new Slot(_own, null);
                }

                if (TryLock() is { } file)
                {
                    return new Slot(_own, file);
                }

                await Task.Delay(Glance, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            _own.Release();
            throw;
        }
    }

    public void Dispose() => _own.Dispose();

    private FileStream? TryLock()
    {
        try
        {
            StateFolder.Make(_folder!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CoffreException(CoffreError.LocalFile, $"{_folder} cannot be made: {exception.Message}", exception);
        }

        for (var i = 0; i < _count; i++)
        {
            try
            {
                return new FileStream(Path.Combine(_folder!, i.ToString(CultureInfo.InvariantCulture)), StateFolder.Options(FileMode.OpenOrCreate, FileShare.None));
            }
            catch (IOException)
            {
                // Taken: by this process or another.
            }
        }

        return null;
    }

    private sealed class Slot(SemaphoreSlim own, FileStream? file) : IDisposable
    {
        public void Dispose()
        {
            file?.Dispose();
            own.Release();
        }
    }
}
