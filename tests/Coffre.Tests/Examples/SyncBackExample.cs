using Coffre.Client;
using Coffre.Client.Sync;

namespace Backups;

internal static class SyncBackExample
{
    /// <summary>Brings a folder back, writes down what came, and compares that with the service.</summary>
    public static async Task<bool> RestoreAsync(CoffreClient client, string folder, string manifest, ISyncListener? others, CancellationToken cancellationToken)
    {
        using var index = new RemoteIndex(client);
        string[] remote = ["Backup", "photos"];
        var options = new SyncOptions { Comparison = SyncComparison.Checksum, Listener = new Telling(others) };
        var session = SyncSession.Down(client, index, remote, folder, options);
        await session.ApplyAsync(await session.PlanAsync(cancellationToken), cancellationToken);

        // The manifest stands for the local folder from now on, also when that is gone.
        await CheckSide.Local(folder, options).WriteManifestAsync(manifest, CheckDepth.Checksum, cancellationToken);
        var check = new TreeCheck(CheckSide.Manifest(manifest, options), CheckSide.Remote(client, index, remote, options));
        var lines = await check.RunAsync(CheckDepth.Download, isOneWay: false, cancellationToken);
        return lines.All(line => line.State is CheckState.Same);
    }

    /// <summary>Prints what happens, and passes it on.</summary>
    private sealed class Telling(ISyncListener? inner) : ISyncListener
    {
        public void Warn(string message) => inner?.Warn(message);

        public void Failed(string path, Exception trouble) => inner?.Failed(path, trouble);

        public void Done(SyncAction action, RemoteFile? file)
        {
            Console.WriteLine($"{action.Kind} {action.Path}");
            inner?.Done(action, file);
        }

        public IProgress<long>? Begin(string name, long length) => inner?.Begin(name, length);
    }
}
