namespace Coffre.Cli.Watching;

/// <summary>Wakes whoever waits when something in a folder changes, where the system tells. It may tell nothing (network mounts): waits end by themselves too.</summary>
internal sealed class FolderSignal : IDisposable
{
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly FileSystemWatcher? _watcher;

    public FolderSignal(string folder, Action<string> note)
    {
        try
        {
            _watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true, InternalBufferSize = 64 * 1024 };
            _watcher.Created += (_, _) => Wake();
            _watcher.Changed += (_, _) => Wake();
            _watcher.Renamed += (_, _) => Wake();

            // An overflow has lost names, not the need to look.
            _watcher.Error += (_, _) => Wake();
            _watcher.EnableRaisingEvents = true;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            note($"The system does not tell of changes ({exception.Message.TrimEnd('.')}); the folder is looked through now and then.");
            _watcher?.Dispose();
            _watcher = null;
        }
    }

    /// <summary>Ends when something changed, at the latest after <paramref name="most"/>.</summary>
    public async Task WaitAsync(TimeSpan most, TimeProvider time, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var changed = _changed.WaitAsync(either.Token);
        await Task.WhenAny(changed, Task.Delay(most, time, either.Token));
        await either.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        _watcher?.Dispose();
        _changed.Dispose();
    }

    private void Wake()
    {
        try
        {
            _changed.Release();
        }
        catch (Exception exception) when (exception is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake already, or ends.
        }
    }
}
