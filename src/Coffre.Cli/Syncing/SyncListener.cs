using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Cli.Transfers;
using Coffre.Client;
using Coffre.Client.Sync;

namespace Coffre.Cli.Syncing;

/// <summary>Tells the run's report, tally and progress what a sync does.</summary>
internal sealed class SyncListener(Run run, SyncPlaces places, bool forGood, ProgressBoard progress) : ISyncListener
{
    private int _renamed;
    private int _deleted;

    /// <summary>Counts what is done; not needed while a plan is made.</summary>
    public Tally? Tally { get; set; }

    public int Renamed => _renamed;

    public int Deleted => _deleted;

    public void Warn(string message) => run.Report.Warn(message);

    public void Failed(string path, Exception trouble)
    {
        progress.Done(1);
        run.Report.Add(new SyncResult { Action = "failed", Path = path, State = "failed", Error = Tally!.Failed(path.Length == 0 ? places.Source : path, trouble) });
    }

    public void Done(SyncAction action, RemoteFile? file)
    {
        switch (action.Kind)
        {
            case SyncActionKind.Transfer:
                Tally!.Moved(action.Size);
                progress.Done(1);
                break;
            case SyncActionKind.Move or SyncActionKind.Copy:
                Interlocked.Increment(ref _renamed);
                break;
            case SyncActionKind.Delete:
                Interlocked.Increment(ref _deleted);
                break;
        }

        run.Report.Add(SyncResult.Of(action, places.IsUp, forGood) with { State = "done", Link = file?.Link, Checksum = file?.Checksum });
    }

    public IProgress<long>? Begin(string name, long length) => progress.Track(name, length);
}
