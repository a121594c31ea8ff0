using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Client.Sync;

namespace Coffre.Cli.Syncing;

/// <summary>The two sides of a sync: one here, one on the service.</summary>
/// <param name="LocalText">The local folder, as it was written.</param>
/// <param name="Remote">The remote folder.</param>
/// <param name="IsUp">Whether the local one is the source.</param>
internal sealed record SyncPlaces(string LocalText, RemotePlace Remote, bool IsUp)
{
    public string Source => IsUp ? LocalText : Remote.ToString();

    public string Destination => IsUp ? Remote.ToString() : LocalText;

    /// <exception cref="CliException">Both are here, or both on the service.</exception>
    public static SyncPlaces Of(string source, string destination) => (Place.Parse(source), Place.Parse(destination)) switch
    {
        (LocalPlace local, RemotePlace remote) => new SyncPlaces(local.Path, remote, IsUp: true),
        (RemotePlace remote, LocalPlace local) => new SyncPlaces(local.Path, remote, IsUp: false),
        (RemotePlace, RemotePlace) => throw CliException.Usage("Both sides are on the service; one has to be on this machine.", "coffre cp -r copies on the service"),
        (LocalPlace, LocalPlace) => throw CliException.Usage(
            "Both sides are on this machine; one has to be on the service.", $"write :/{destination.TrimStart('/')} for a folder of the default profile"),
        _ => throw CliException.Usage("Folders are wanted here, no links and no standard input.", "coffre put and coffre get take those"),
    };

    public SyncSession Open(Run run, SyncOptions options)
    {
        var account = run.Open(Remote);
        if (IsUp && File.Exists(LocalText))
        {
            throw CliException.Usage($"{LocalText} is a file; a folder is wanted here.", "coffre put takes files");
        }

        // Whether a plan still holds only the service itself can say, even where that has to be waited for.
        account.Index.Use = run.World.ExpectedPlan is null ? IndexUse.Fresh : IndexUse.Refresh;
        return IsUp
            ? SyncSession.Up(account.Client, account.Index, LocalText, Remote.Names, options)
            : SyncSession.Down(account.Client, account.Index, Remote.Names, LocalText, options);
    }
}
