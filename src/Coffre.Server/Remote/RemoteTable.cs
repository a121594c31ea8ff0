using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Server.Catalog;

namespace Coffre.Server.Remote;

/// <summary>The statements on remote uploads.</summary>
internal sealed class RemoteTable(IdSource ids, TimeProvider clock)
{
    private const string RequestColumns = "account_id, id, folder_id, headers, requested_at, finished_at";
    private const string UrlColumns = "account_id, request_id, seq, url, state, link, message";

    public RemoteRequest Insert(
        CatalogSession session, long accountId, long folderId, IReadOnlyDictionary<string, string> headers, IReadOnlyList<string> urls)
    {
        var request = new RemoteRequest(accountId, ids.Next(), folderId, headers, clock.GetUtcNow(), FinishedAt: null);
        session.Execute(
            $"insert into remote_request ({RequestColumns}) values (@account, @id, @folder, @headers, @now, null)",
            ("@account", accountId), ("@id", request.Id), ("@folder", folderId),
            ("@headers", JsonSerializer.Serialize(headers, RemoteJson.Default.IReadOnlyDictionaryStringString)), ("@now", Now));
        for (var i = 0; i < urls.Count; i++)
        {
            session.Execute(
                "insert into remote_url (account_id, request_id, seq, url, state) values (@account, @request, @seq, @url, 'waiting')",
                ("@account", accountId), ("@request", request.Id), ("@seq", i), ("@url", urls[i]));
        }

        return request;
    }

    public RemoteRequest? Find(CatalogSession session, long accountId, long id) =>
        session.Find(
            $"select {RequestColumns} from remote_request where account_id = @account and id = @id", ReadRequest, ("@account", accountId), ("@id", id));

    /// <summary>The newest first.</summary>
    public IReadOnlyList<RemoteRequest> List(CatalogSession session, long accountId, int most) =>
        [.. session.List(
            $"select {RequestColumns} from remote_request where account_id = @account order by id desc limit @most", ReadRequest,
            ("@account", accountId), ("@most", most))];

    public IReadOnlyList<RemoteUrl> ListUrls(CatalogSession session, long accountId, long requestId) =>
        [.. session.List(
            $"select {UrlColumns} from remote_url where account_id = @account and request_id = @request order by seq", ReadUrl,
            ("@account", accountId), ("@request", requestId))];

    /// <summary>URLs of an account that have not ended.</summary>
    public long CountOpen(CatalogSession session, long accountId) =>
        session.Number(
            "select count(*) from remote_url where state in ('waiting', 'running') and account_id = @account", ("@account", accountId)) ?? 0;

    /// <summary>URLs that wait, those of the oldest requests first.</summary>
    public IReadOnlyList<RemoteUrl> ListWaiting(CatalogSession session, int most) =>
        [.. session.List(
            $"select {UrlColumns} from remote_url where state in ('waiting', 'running') and state = 'waiting' order by request_id, seq limit @most",
            ReadUrl, ("@most", most))];

    public void Begin(CatalogSession session, RemoteKey key) => SetState(session, key, "running");

    /// <summary>What a process that died was fetching waits again.</summary>
    public int ResetRunning(CatalogSession session) =>
        session.Execute("update remote_url set state = 'waiting' where state in ('waiting', 'running') and state = 'running'");

    /// <summary>Writes down how a URL ended; false if it had ended before.</summary>
    public bool End(CatalogSession session, RemoteKey key, string? link, string message)
    {
        var ended = session.Execute(
            """
            update remote_url set state = @state, link = @link, message = @message
            where account_id = @account and request_id = @request and seq = @seq and state in ('waiting', 'running')
            """,
            ("@state", link is null ? "failed" : "done"), ("@link", link), ("@message", message),
            ("@account", key.AccountId), ("@request", key.RequestId), ("@seq", key.Sequence)) == 1;
        session.Execute(
            """
            update remote_request set finished_at = @now
            where account_id = @account and id = @request and finished_at is null and not exists (
                select 1 from remote_url where account_id = @account and request_id = @request and state in ('waiting', 'running'))
            """,
            ("@now", Now), ("@account", key.AccountId), ("@request", key.RequestId));
        return ended;
    }

    /// <summary>Forgets requests that ended long ago; returns how many.</summary>
    public int DeleteOld(CatalogSession session, DateTimeOffset before) =>
        session.Execute("delete from remote_request where finished_at is not null and finished_at < @before", ("@before", Moment.ToCatalog(before)));

    private long Now => Moment.ToCatalog(clock.GetUtcNow());

    private static void SetState(CatalogSession session, RemoteKey key, string state) =>
        session.Execute(
            "update remote_url set state = @state where account_id = @account and request_id = @request and seq = @seq",
            ("@state", state), ("@account", key.AccountId), ("@request", key.RequestId), ("@seq", key.Sequence));

    private static RemoteRequest ReadRequest(CatalogRow row) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetInt64(2),
        JsonSerializer.Deserialize(row.GetString(3), RemoteJson.Default.IReadOnlyDictionaryStringString)!,
        Moment.FromCatalog(row.GetInt64(4)), row.IsDBNull(5) ? null : Moment.FromCatalog(row.GetInt64(5)));

    private static RemoteUrl ReadUrl(CatalogRow row) => new(
        new RemoteKey(row.GetInt64(0), row.GetInt64(1), row.GetInt32(2)), row.GetString(3),
        Enum.Parse<RemoteState>(row.GetString(4), ignoreCase: true), row.IsDBNull(5) ? null : row.GetString(5), row.GetString(6));
}

[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class RemoteJson : JsonSerializerContext;
