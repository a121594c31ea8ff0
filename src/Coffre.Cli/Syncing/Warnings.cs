using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Client.Sync;

namespace Coffre.Cli.Syncing;

/// <summary>Where trees are only looked at: warnings go to the run's report.</summary>
internal sealed class Warnings(Run run) : ISyncListener
{
    public void Warn(string message) => run.Report.Warn(message);

    public void Failed(string path, Exception trouble)
    {
    }

    public void Done(SyncAction action, RemoteFile? file)
    {
    }

    public IProgress<long>? Begin(string name, long length) => null;
}
