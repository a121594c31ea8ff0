using Coffre.Client;
using Coffre.Client.Bandwidth;
using Coffre.Client.Retention;

namespace Backups;

internal static class LimitsExample
{
    /// <summary>Clients that share a limit: slow by day, as fast as they can at night.</summary>
    public static IReadOnlyList<CoffreClient> PoliteClients(TimeProvider time, params CoffreClientOptions[] accounts)
    {
        var plan = BandwidthPlan.Parse("08:00,2M:8M 22:00,off");
        var limit = new BandwidthLimit(plan, time);
        Console.WriteLine($"Now at most {plan.At(time.GetLocalNow()).Up?.ToString(null, null) ?? "all"} bytes a second go up.");
        return [.. accounts.Select(options => new CoffreClient(options with { Bandwidth = limit }))];
    }

    /// <summary>Removes backups that neither the last seven days nor the last twelve months need.</summary>
    public static async Task<int> ThinOutAsync(CoffreClient client, long folderId, CancellationToken cancellationToken)
    {
        var files = (await client.ListFilesAsync(folderId, cancellationToken)).Where(file => file.Arrived is not null).ToArray();
        var reasons = new RetentionPolicy { Daily = 7, Monthly = 12 }.Judge([.. files.Select(file => file.Arrived!.Value)]);
        var links = files.Where((_, index) => reasons[index] is null).Select(file => file.Link).ToArray();
        return links.Length == 0 ? 0 : await client.DeleteFilesAsync(links, cancellationToken);
    }
}
