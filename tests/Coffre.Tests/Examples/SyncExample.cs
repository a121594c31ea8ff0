using Coffre.Client;
using Coffre.Client.Sync;

namespace Backups;

internal static class SyncExample
{
    public static async Task<bool> BackUpAsync(CoffreClient client, string folder, CancellationToken cancellationToken)
    {
        using var index = new RemoteIndex(client);
        var session = SyncSession.Up(client, index, folder, ["Backup", "photos"], new SyncOptions { Deletes = true });
        var plan = await session.PlanAsync(cancellationToken);
        foreach (var step in plan.Actions)
        {
            Console.WriteLine($"{step.Kind} {step.Path}: {step.Reason}");
        }

        // More would go than the limits allow: somebody should look at it.
        return plan.Stop is null && await session.ApplyAsync(plan, cancellationToken);
    }

    /// <summary>The folder that took what was deleted at a moment; names of later ones sort behind it.</summary>
    public static string TrashOf(DateTimeOffset moment) => $":/{TrashPlace.FolderName}/{TrashPlace.Stamp(moment)}";
}
