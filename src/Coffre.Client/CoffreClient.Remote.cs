using System.Text.Json;
using Coffre.Protocol.V1;

namespace Coffre.Client;

public sealed partial class CoffreClient
{
    /// <summary>Most URLs that one request may carry here.</summary>
    public const int MostRemoteUrls = 100;

    // Both clocks may be a little off.
    private static readonly TimeSpan LostRequestWindow = TimeSpan.FromMinutes(5);

    /// <summary>Asks the service to fetch URLs into the account (<c>remote/request.cgi</c>).</summary>
    /// <param name="urls">1 to <see cref="MostRemoteUrls"/> of http, https or ftp; user and password may stand in them.</param>
    /// <param name="folderId">Where the files go; 0 is the root.</param>
    /// <param name="headers">Sent along to the sources; null: none.</param>
    /// <param name="cancellationToken">Cancels the asking, not the fetching.</param>
    /// <returns>The request, without its items: <see cref="GetRemoteUploadAsync"/> tells how far they are.</returns>
    /// <remarks>It is not sent twice: when its answer was lost, the requests of the last minutes are looked through for it.</remarks>
    /// <exception cref="CoffreException"><see cref="CoffreError.BadRequest"/>: one of the URLs is none, and nothing was taken.</exception>
    public async Task<RemoteUpload> AddRemoteUploadAsync(
        IReadOnlyList<string> urls, long folderId = RemoteFolder.RootId, IReadOnlyDictionary<string, string>? headers = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(urls);
        if (urls.Count is 0 or > MostRemoteUrls || urls.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException($"1 to {MostRemoteUrls} URLs are needed, and none may be empty.", nameof(urls));
        }

        var request = new RemoteRequestRequest { Urls = urls, FolderId = folderId, Headers = headers is { Count: > 0 } ? Element(headers) : null };
        var asked = Time.GetUtcNow();
        try
        {
            var answer = await _caller.CallAsync(
                V1Paths.RemoteRequest, request, V1Json.Default.RemoteRequestRequest, V1Json.Default.RemoteReceipt,
                repeatable: false, cancellationToken).ConfigureAwait(false);
            return answer.Id > 0
                ? new RemoteUpload(answer.Id) { RequestedAt = asked }
                : throw new CoffreException(CoffreError.UnexpectedAnswer, "The service answered without the number of the remote upload.");
        }
        catch (CoffreException trouble) when (trouble.Error is CoffreError.Network or CoffreError.Timeout or CoffreError.ServerError)
        {
            return await FindLostAsync(urls, asked, cancellationToken).ConfigureAwait(false)
                ?? throw new CoffreException(trouble.Error, trouble.Message, trouble) { Status = trouble.Status, RequestId = trouble.RequestId, Advice = "the request was not found on the service: ask again" };
        }
    }

    /// <summary>The requests that the service remembers, the newest first, without their items (<c>remote/ls.cgi</c>).</summary>
    public async Task<IReadOnlyList<RemoteUpload>> ListRemoteUploadsAsync(CancellationToken cancellationToken = default)
    {
        var answer = await _caller.CallAsync(
            V1Paths.RemoteLs, new EmptyRequest(), V1Json.Default.EmptyRequest, V1Json.Default.RemoteLsAnswer,
            repeatable: true, cancellationToken).ConfigureAwait(false);
        return [.. (answer.Data ?? []).Select(RemoteUpload.From).OrderByDescending(request => request.Id)];
    }

    /// <summary>What became of each URL of one request (<c>remote/info.cgi</c>).</summary>
    /// <param name="id">Number of the request, 1 or more.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CoffreException"><see cref="CoffreError.NotFound"/>: the service does not know it, or no longer.</exception>
    public async Task<RemoteUpload> GetRemoteUploadAsync(long id, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(id);
        var answer = await _caller.CallAsync(
            V1Paths.RemoteInfo, new RemoteInfoRequest { Id = id }, V1Json.Default.RemoteInfoRequest, V1Json.Default.RemoteInfoAnswer,
            repeatable: true, cancellationToken).ConfigureAwait(false);
        return RemoteUpload.From(answer, id);
    }

    private async Task<RemoteUpload?> FindLostAsync(IReadOnlyList<string> urls, DateTimeOffset asked, CancellationToken cancellationToken)
    {
        const int MostLookedAt = 3;
        var lately = (await ListRemoteUploadsAsync(cancellationToken).ConfigureAwait(false))
            .Where(request => request.RequestedAt is { } at && (at - asked).Duration() < LostRequestWindow).Take(MostLookedAt);
        foreach (var candidate in lately)
        {
            var found = await GetRemoteUploadAsync(candidate.Id, cancellationToken).ConfigureAwait(false);
            if (found.Items.Select(item => item.Url).SequenceEqual(urls, StringComparer.Ordinal))
            {
                return candidate;
            }
        }

        return null;
    }

    private static JsonElement Element(IReadOnlyDictionary<string, string> headers)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in headers)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(bytes.WrittenSpan);
    }
}
