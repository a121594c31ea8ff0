using System.Net;
using System.Text.Json;
using Coffre.Server.Accounts;
using static Coffre.Tests.Serving.AccountClient;

namespace Coffre.Tests.Serving;

/// <summary>What happens to what an account holds when it is deleted.</summary>
public sealed class DeletionTests
{
    [Fact]
    public async Task An_account_says_what_would_go_and_goes_with_a_fresh_session_and_the_password()
    {
        await using var server = await TestServer.StartAsync();
        var id = await server.AddPersonAsync();
        var token = await server.SignInAsync();
        var key = (await server.CallApiAsync("POST", "keys", new { name = "k" }, token)).Json.GetProperty("secret").GetString()!;
        var folder = await server.MakeFolderAsync("d", key: key);
        var link = (await server.UploadAsync("f.txt", [1, 2, 3], folder, key)).GetProperty("download").GetString()!;
        var download = (await server.CallAsync("download/get_token.cgi", $$"""{"url":"{{link}}"}""")).Json.GetProperty("url").GetString()!;
        (await server.CallAsync("folder/share.cgi", $$"""{"folder_id":{{folder}},"share":1}""", key)).IsOk();
        var told = (await server.CallApiAsync("GET", "account/deletion", bearer: key)).Json;
        Assert.Equal((1L, 3L, 1L, 1L, 1L), (Number(told, "files"), Number(told, "bytes"), Number(told, "folders"), Number(told, "keys"), Number(told, "sessions")));
        Assert.Contains("1 files (3 ", told.GetProperty("text").GetString(), StringComparison.Ordinal);

        (await server.CallApiAsync("DELETE", "account", new { password = Password }, key)).IsProblem(HttpStatusCode.Forbidden, "session_needed");
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        (await server.CallApiAsync("DELETE", "account", new { password = Password }, token)).IsProblem(HttpStatusCode.Forbidden, "confirmation_needed");
        await server.CallApiAsync("POST", "sessions/current/confirm", new { password = Password }, token);
        (await server.CallApiAsync("DELETE", "account", new { password = "wrong password" }, token)).IsProblem(HttpStatusCode.Unauthorized, "wrong_password");
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("DELETE", "account", new { password = Password }, token)).Status);

        (await server.CallApiAsync("GET", "keys", bearer: token)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.CallApiAsync("GET", "keys", bearer: key)).Status);
        (await server.TrySignInAsync()).IsProblem(HttpStatusCode.Unauthorized, "wrong_password");
        Assert.NotEqual(HttpStatusCode.OK, (await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, download), "")).Status);
        Assert.NotEqual(HttpStatusCode.OK, (await server.CallAsync("download/get_token.cgi", $$"""{"url":"{{link}}"}""")).Status);

        await server.Room<AccountPurger>().PurgeAsync(CancellationToken.None);
        await server.SweepAsync();
        Assert.Empty(server.StoredFiles());
        (await server.CallAsync("download/get_token.cgi", $$"""{"url":"{{link}}"}""")).IsKo(HttpStatusCode.NotFound, 469);
        Assert.Equal(0, await LeftAsync(server, id));
        var entries = await server.EntriesAsync(id);
        Assert.Equal("account.deleted", entries[0].GetProperty("event").GetString());
        Assert.DoesNotContain(entries, entry => entry.GetRawText().Contains(Email, StringComparison.Ordinal));

        // The address is free, and the number is not given out again.
        var next = await server.AddPersonAsync();
        Assert.NotEqual(id, next);
        await server.SignInAsync();
    }

    [Fact]
    public async Task Files_that_others_hold_too_keep_their_bytes_and_shares_are_withdrawn()
    {
        await using var server = await TestServer.StartAsync();
        var id = await server.AddPersonAsync();
        var token = await server.SignInAsync();
        var key = (await server.CallApiAsync("POST", "keys", new { name = "k" }, token)).Json.GetProperty("secret").GetString()!;
        var link = (await server.UploadAsync("f.txt", [1, 2, 3], key: key)).GetProperty("download").GetString()!;
        (await server.CallAsync("file/cp.cgi", JsonSerializer.Serialize(new { urls = new[] { link } }))).IsOk();
        var folder = await server.MakeFolderAsync("shared", key: key);
        (await server.CallAsync("folder/share.cgi", $$"""{"folder_id":{{folder}},"shares":[{"email":"owner@localhost","rw":1}]}""", key)).IsOk();
        Assert.Equal(HttpStatusCode.OK, (await server.CallAsync("folder/ls.cgi", $$"""{"folder_id":{{folder}}}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("DELETE", $"accounts/{id}", bearer: server.Key)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.CallAsync("folder/ls.cgi", $$"""{"folder_id":{{folder}}}""")).Status);
        await server.Room<AccountPurger>().PurgeAsync(CancellationToken.None);
        await server.SweepAsync();
        var own = (await server.CallAsync("file/ls.cgi", """{"folder_id":0}""")).Json.GetProperty("items")[0].GetProperty("url").GetString()!;
        Assert.Equal([1, 2, 3], await server.DownloadAsync(own));
        (await server.CallApiAsync("GET", $"accounts/{id}", bearer: server.Key)).IsProblem(HttpStatusCode.NotFound, "not_found");
        (await server.CallApiAsync("DELETE", $"accounts/{id}", bearer: server.Key)).IsProblem(HttpStatusCode.NotFound, "not_found");
        (await server.CallApiAsync("PATCH", $"accounts/{id}", new { suspended = false }, server.Key)).IsProblem(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task What_is_more_than_one_batch_goes_in_several()
    {
        await using var server = await TestServer.StartAsync();
        var id = await server.AddPersonAsync();
        var token = await server.SignInAsync();
        var key = (await server.CallApiAsync("POST", "keys", new { name = "k" }, token)).Json.GetProperty("secret").GetString()!;
        await server.UploadAsync("f.txt", [1], key: key);
        await server.Catalog.WriteAsync(
            session =>
            {
                for (var i = 0; i < (2 * AccountPurger.Batch) + 1; i++)
                {
                    server.Room<AccountTable>().AddChange(session, id, new Change("test"));
                    server.Room<Coffre.Server.Folders.FolderTable>().Insert(session, id, 0, $"d{i}");
                }

                return true;
            },
            CancellationToken.None);
        await server.CallApiAsync("DELETE", $"accounts/{id}", bearer: server.Key);
        await server.Room<AccountPurger>().PurgeAsync(CancellationToken.None);
        Assert.Equal(0, await LeftAsync(server, id));
    }

    [Fact]
    public async Task The_guests_account_stays()
    {
        await using var server = await TestServer.StartAsync();
        var guest = await server.Catalog.ReadAsync(session => server.Room<AccountTable>().FindByEmail(session, Account.GuestEmail)!.Id, CancellationToken.None);
        (await server.CallApiAsync("DELETE", $"accounts/{guest}", bearer: server.Key)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
        (await server.CallApiAsync("PATCH", $"accounts/{guest}", new { role = "owner" }, server.Key)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
    }

    private static long Number(JsonElement view, string name) => view.GetProperty(name).GetInt64();

    /// <summary>Rows of an account in all tables that may hold something of it.</summary>
    private static async Task<long> LeftAsync(TestServer server, long id) =>
        await server.Catalog.ReadAsync(
            session => new[]
            {
                "file", "folder", "blob", "api_key", "change", "session", "recovery_code", "letter", "sign_in_challenge", "folder_share", "ftp_user", "ftp_file", "remote_request", "remote_url",
                "key_network", "link", "folder_link", "mail",
            }.Sum(table => session.Number($"select count(*) from {table} where account_id = @id", ("@id", id)) ?? 0),
            CancellationToken.None);
}
