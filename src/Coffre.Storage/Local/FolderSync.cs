namespace Coffre.Storage.Local;

/// <summary>Syncs folders, one sync for all who wait for the same folder.</summary>
/// <remarks>
/// A sync that has begun may miss a name that was made after its beginning. So whoever asks while one runs waits for the next, together with
/// all the others who asked meanwhile. Nobody waits for company: the first to ask starts at once.
/// </remarks>
internal sealed class FolderSync(IDiskCalls calls, SyncThreads threads)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskCompletionSource?> _running = new(StringComparer.Ordinal);

    /// <summary>Returns once every name that is in the folder now is on the device.</summary>
    public Task SyncAsync(string folder)
    {
        lock (_gate)
        {
            var runs = _running.TryGetValue(folder, out var group);
            if (group is null)
            {
                group = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _running[folder] = group;
            }

            if (!runs)
            {
                threads.Post(() => Serve(folder));
            }

            return group.Task;
        }
    }

    private void Serve(string folder)
    {
        while (TakeGroup(folder) is { } group)
        {
            try
            {
                calls.SyncFolder(folder);
                group.SetResult();
            }
            catch (Exception exception)
            {
                group.SetException(exception);
            }
        }
    }

    /// <summary>Closes the group that waits: whoever comes from now on belongs to the next.</summary>
    private TaskCompletionSource? TakeGroup(string folder)
    {
        lock (_gate)
        {
            var group = _running[folder];
            if (group is null)
            {
                _running.Remove(folder);
            }
            else
            {
                _running[folder] = null;
            }

            return group;
        }
    }
}
