using Coffre.Client;

namespace Backups;

internal static class RemoteExample
{
    /// <summary>Lets the service fetch URLs, and waits for the links of the files.</summary>
    public static async Task<IReadOnlyList<string>> FetchAsync(CoffreClient client, IReadOnlyList<string> urls, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string> { ["Referer"] = "https://example.org/" };
        var asked = await client.AddRemoteUploadAsync(urls, RemoteFolder.RootId, headers, cancellationToken);
        while ((await client.ListRemoteUploadsAsync(cancellationToken)).First(request => request.Id == asked.Id).FinishedAt is null)
        {
            // 1fichier.com counts every question.
            await Task.Delay(client.CallsAreDear ? TimeSpan.FromSeconds(30) : TimeSpan.FromMilliseconds(200), cancellationToken);
        }

        var ended = await client.GetRemoteUploadAsync(asked.Id, cancellationToken);
        var failed = ended.Items.FirstOrDefault(item => item.State == RemoteUploadState.Failed);
        return failed is null ? [.. ended.Items.Select(item => item.Link!)] : throw new InvalidOperationException(failed.Message);
    }
}
