using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Coffre.Server.Accounts;
using Coffre.Server.Settings;

namespace Coffre.Tests.Serving;

/// <summary>The FTP drop zone, byte by byte, and the calls that go with it.</summary>
public sealed class FtpTests : IAsyncLifetime
{
    private const string Email = "ann@example.org";
    private const string Password = "correct horse";
    private readonly int _port = TestPorts.Free();
    private TestServer _server = null!;
    private string _key = "";

    public async ValueTask InitializeAsync()
    {
        _server = await StartAsync();
        _key = await AddAsync(_server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_file_that_is_dropped_has_its_link_at_once_in_the_automatic_mode()
    {
        var folder = await _server.MakeFolderAsync("drop", key: _key);
        (await _server.CallAsync("user/info.cgi", $$"""{"ftp_did":{{folder}}}""", _key)).IsOk();
        await using var client = await SignedInAsync();
        Assert.StartsWith("226 Kept.", await client.StoreAsync("a b ü.txt", "hello"u8.ToArray()), StringComparison.Ordinal);

        Assert.Equal(["a b ü.txt"], await _server.ListNamesAsync(folder, _key));
        var link = (await _server.CallAsync("file/ls.cgi", $$"""{"folder_id":{{folder}}}""", _key)).Json.GetProperty("items")[0].GetProperty("url").GetString()!;
        Assert.Equal("hello"u8.ToArray(), await _server.DownloadAsync(link, _key));
        Assert.Equal(5, (await _server.CallAsync("user/info.cgi", "{}", _key)).Json.GetProperty("cold_storage").GetInt64());
    }

    [Fact]
    public async Task Whoever_is_signed_in_when_the_account_is_suspended_or_its_password_changes_has_to_sign_in_again()
    {
        await using var client = await SignedInAsync();
        Assert.StartsWith("257", await client.SayAsync("PWD"), StringComparison.Ordinal);
        await ChangeAsync((accounts, session, account) => accounts.SetPassword(session, account.Id, AccountClient.DigestOf("another one")));
        Assert.StartsWith("530", await client.SayAsync("CWD /"), StringComparison.Ordinal);

        await ChangeAsync((accounts, session, account) => accounts.SetPassword(session, account.Id, AccountClient.DigestOf(Password)));
        await using var again = await SignedInAsync();
        await ChangeAsync((accounts, session, account) => session.Execute("update account set suspended = 1 where id = @id", ("@id", account.Id)));
        Assert.StartsWith("530", await again.SayAsync("CWD /"), StringComparison.Ordinal);
        Assert.StartsWith("530", await again.SayAsync("NLST"), StringComparison.Ordinal);

        Task<bool> ChangeAsync(Action<AccountTable, Coffre.Server.Catalog.CatalogSession, Account> change) => _server.Catalog.WriteAsync(
            session =>
            {
                var accounts = _server.Room<AccountTable>();
                change(accounts, session, accounts.FindByEmail(session, Email)!);
                return true;
            },
            CancellationToken.None);
    }

    [Fact]
    public async Task In_the_manual_mode_files_wait_are_seen_can_be_taken_back_and_are_processed_at_a_call()
    {
        (await _server.CallAsync("user/info.cgi", """{"ftp_mode":1}""", _key)).IsOk();
        await using var client = await SignedInAsync();
        await client.StoreAsync("one.txt", "1"u8.ToArray());
        await client.StoreAsync("two.txt", "22"u8.ToArray());
        Assert.Equal("213 2", await client.SayAsync("SIZE two.txt"));
        Assert.Contains("one.txt", await client.ListAsync("LIST"), StringComparison.Ordinal);
        Assert.Equal("one.txt\r\ntwo.txt\r\n", await client.ListAsync("NLST"));
        Assert.Contains("type=file;size=2;modify=", await client.ListAsync("MLSD"), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.SayAsync("DELE one.txt"), StringComparison.Ordinal);
        Assert.StartsWith("550", await client.SayAsync("SIZE one.txt"), StringComparison.Ordinal);

        Assert.Empty(await _server.ListNamesAsync(key: _key));
        var processed = await _server.CallAsync("ftp/process.cgi", "{}", _key);
        processed.IsOk();
        Assert.Equal(1, processed.Json.GetProperty("processed").GetInt32());
        Assert.Equal(["two.txt"], await _server.ListNamesAsync(key: _key));
        Assert.Equal(0, (await _server.CallAsync("ftp/process.cgi", "{}", _key)).Json.GetProperty("processed").GetInt32());
        Assert.Equal(2, (await _server.CallAsync("user/info.cgi", "{}", _key)).Json.GetProperty("cold_storage").GetInt64());
        await _server.SweepAsync();
        Assert.Single(_server.StoredFiles());
    }

    [Fact]
    public async Task What_waits_survives_a_restart_and_is_removed_when_nobody_comes()
    {
        var folder = Directory.CreateTempSubdirectory("coffre-test-").FullName;
        try
        {
            string key;
            await using (var server = await StartAsync(folder))
            {
                key = await AddAsync(server);
                await server.CallAsync("user/info.cgi", """{"ftp_mode":1}""", key);
                await using var client = await FtpClient.SignedInAsync(PortOf(server), Email, Password);
                await client.StoreAsync("stays.txt", "1"u8.ToArray());
                await server.SweepAsync();
            }

            await using var again = await StartAsync(folder);
            await again.SweepAsync();
            Assert.Equal(1, (await again.CallAsync("ftp/process.cgi", "{}", key)).Json.GetProperty("processed").GetInt32());

            await using (var client = await FtpClient.SignedInAsync(PortOf(again), Email, Password))
            {
                await client.StoreAsync("goes.txt", "1"u8.ToArray());
            }

            again.Clock.Advance(TimeSpan.FromDays(8));
            await again.SweepAsync();
            Assert.Equal(0, (await again.CallAsync("ftp/process.cgi", "{}", key)).Json.GetProperty("processed").GetInt32());
            Assert.Equal(1, (await again.CallAsync("user/info.cgi", "{}", key)).Json.GetProperty("cold_storage").GetInt64());
            Assert.Single(again.StoredFiles());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task An_ftp_user_drops_into_its_folder_and_nowhere_else()
    {
        var folder = await _server.MakeFolderAsync("cameras", key: _key);
        (await _server.CallAsync("ftp/users/add.cgi", $$"""{"user":"cam1","pass":"camera pass","folder_id":{{folder}}}""", _key)).IsOk();
        var listed = (await _server.CallAsync("ftp/users/ls.cgi", "{}", _key)).Json.GetProperty("data")[0];
        Assert.Equal("cam1", listed.GetProperty("user").GetString());
        Assert.Equal(folder, listed.GetProperty("folder_id").GetInt64());

        await using (var client = await FtpClient.SignedInAsync(_port, "cam1", "camera pass"))
        {
            Assert.StartsWith("257", await client.SayAsync("MKD today"), StringComparison.Ordinal);
            Assert.StartsWith("250", await client.SayAsync("CWD today"), StringComparison.Ordinal);
            Assert.Equal("257 \"/today\"", await client.SayAsync("PWD"));
            await client.StoreAsync("1.jpg", [1]);
            Assert.StartsWith("250", await client.SayAsync("CWD ../../../.."), StringComparison.Ordinal);
            Assert.Equal("257 \"/\"", await client.SayAsync("PWD"));
            await client.StoreAsync("/2.jpg", [2]);
            Assert.StartsWith("550", await client.SayAsync("CWD nowhere"), StringComparison.Ordinal);
        }

        Assert.Equal(["2.jpg"], await _server.ListNamesAsync(folder, _key));
        Assert.Empty(await _server.ListNamesAsync(key: _key));

        (await _server.CallAsync("ftp/users/rm.cgi", """{"user":"CAM1"}""", _key)).IsOk();
        await using var removed = await FtpClient.ConnectAsync(_port);
        await removed.SayAsync("USER cam1");
        Assert.StartsWith("530", await removed.SayAsync("PASS camera pass"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"pass":"long enough"}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"user":"a@b","pass":"long enough"}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"user":"ok","pass":"short"}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"user":"ok"}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"user":"ok","pass":"long enough","folder_id":99}""", HttpStatusCode.NotFound, 9020)]
    public async Task A_wrong_ftp_user_is_refused(string body, HttpStatusCode status, int number) =>
        (await _server.CallAsync("ftp/users/add.cgi", body, _key)).IsKo(status, number);

    [Fact]
    public async Task Names_of_ftp_users_are_unlike_on_the_whole_server_and_ones_own_to_remove()
    {
        (await _server.CallAsync("ftp/users/add.cgi", """{"user":"nas","pass":"long enough"}""", _key)).IsOk();
        (await _server.CallAsync("ftp/users/add.cgi", """{"user":"NAS","pass":"long enough"}""")).IsKo(HttpStatusCode.Conflict, 9081);
        (await _server.CallAsync("ftp/users/rm.cgi", """{"user":"nas"}""")).IsKo(HttpStatusCode.NotFound, 9082);
        (await _server.CallAsync("ftp/users/rm.cgi", "{}")).IsKo(HttpStatusCode.BadRequest, 9013);
    }

    [Fact]
    public async Task Without_a_port_the_calls_say_that_there_is_no_ftp()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var call in new[] { "process", "users/ls", "users/add", "users/rm" })
        {
            (await server.CallAsync($"ftp/{call}.cgi", "{}")).IsKo(HttpStatusCode.NotFound, 9080);
        }
    }

    [Fact]
    public async Task Nothing_can_be_fetched_and_the_server_connects_to_nobody()
    {
        await using var client = await SignedInAsync();
        foreach (var command in new[] { "RETR x", "PORT 127,0,0,1,0,80", "EPRT |1|127.0.0.1|80|", "APPE x", "RNFR x", "RMD x", "SITE CHMOD 777 x", "REST 10" })
        {
            Assert.StartsWith("502", await client.SayAsync(command), StringComparison.Ordinal);
        }

        Assert.StartsWith("500", await client.SayAsync("XYZZY"), StringComparison.Ordinal);
        Assert.StartsWith("425", await client.SayAsync("STOR x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_signing_in_there_is_nothing_to_see_and_three_wrong_passwords_end_it()
    {
        await using var client = await FtpClient.ConnectAsync(_port);
        foreach (var command in new[] { "PWD", "EPSV", "LIST", "STOR x", "MKD x" })
        {
            Assert.StartsWith("530", await client.SayAsync(command), StringComparison.Ordinal);
        }

        Assert.StartsWith("503", await client.SayAsync("PASS x"), StringComparison.Ordinal);
        for (var i = 0; i < 2; i++)
        {
            await client.SayAsync("USER nobody@example.org");
            Assert.StartsWith("530", await client.SayAsync("PASS wrong password"), StringComparison.Ordinal);
        }

        Assert.StartsWith("421", await client.SayAsync("PASS wrong password"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quota_and_largest_file_hold_and_nothing_of_a_refused_file_stays()
    {
        await using var server = await StartAsync(null, ("Tiers:PremiumFileBytes", "100"));
        await AddAsync(server, quota: 150);
        await using var client = await FtpClient.SignedInAsync(PortOf(server), Email, Password);
        Assert.StartsWith("552", await client.StoreAsync("large", new byte[101]), StringComparison.Ordinal);
        Assert.StartsWith("226", await client.StoreAsync("fits", new byte[100]), StringComparison.Ordinal);
        Assert.StartsWith("552", await client.StoreAsync("over", new byte[51]), StringComparison.Ordinal);
        await client.SayAsync("ALLO 51");
        Assert.StartsWith("552", await client.StoreAsync("over", new byte[1]), StringComparison.Ordinal);
        Assert.StartsWith("226", await client.StoreAsync("fills", new byte[50]), StringComparison.Ordinal);
        await server.SweepAsync();
        Assert.Equal(2, server.StoredFiles().Count);
    }

    [Fact]
    public async Task A_data_connection_that_breaks_leaves_nothing()
    {
        await using var client = await SignedInAsync();
        var data = await client.PassiveAsync();
        await client.SendAsync("STOR broken");
        Assert.StartsWith("150", await client.ReplyAsync(), StringComparison.Ordinal);
        await data.GetStream().WriteAsync(new byte[100_000]);
        data.Client.LingerState = new LingerOption(true, 0);
        data.Client.Dispose();
        Assert.StartsWith("426", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.Empty(await _server.ListNamesAsync(key: _key));
        await _server.SweepAsync();
        Assert.Empty(_server.StoredFiles());
    }

    [Fact]
    public async Task A_client_that_is_killed_leaves_nothing_although_its_data_end_cleanly()
    {
        var client = await SignedInAsync();
        using var data = await client.PassiveAsync();
        await client.SendAsync("STOR killed");
        Assert.StartsWith("150", await client.ReplyAsync(), StringComparison.Ordinal);
        var stream = data.GetStream();
        await stream.WriteAsync(new byte[1000]);
        await client.DisposeAsync();
        data.Client.Shutdown(SocketShutdown.Send);

        // The server closes when it is through with it.
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
        Assert.Empty(await _server.ListNamesAsync(key: _key));

        await using var honest = await SignedInAsync();
        await honest.SayAsync("ALLO 10");
        Assert.StartsWith("426", await honest.StoreAsync("short", new byte[9]), StringComparison.Ordinal);
        await _server.SweepAsync();
        Assert.Empty(_server.StoredFiles());
    }

    [Fact]
    public async Task Names_are_mended_as_in_uploads_and_folders_are_not()
    {
        await using var client = await SignedInAsync();
        Assert.StartsWith("226", await client.StoreAsync("a<b>$.txt", [1]), StringComparison.Ordinal);
        Assert.Equal(["a_b__.txt"], await _server.ListNamesAsync(key: _key));
        Assert.StartsWith("553", await client.SayAsync("MKD a<b"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_without_end_ends_the_session_and_too_many_sessions_are_refused()
    {
        await using (var client = await FtpClient.ConnectAsync(_port))
        {
            Assert.StartsWith("500", await client.SayAsync(new string('x', 5000)), StringComparison.Ordinal);
        }

        await using var server = await StartAsync(null, ("Ftp:SessionsPerAddress", "2"));
        await using var first = await FtpClient.ConnectAsync(PortOf(server));
        await using var second = await FtpClient.ConnectAsync(PortOf(server));
        using var third = new TcpClient();
        await third.ConnectAsync(IPAddress.Loopback, PortOf(server));
        using var reader = new StreamReader(third.GetStream());
        Assert.StartsWith("421", await reader.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_says_nothing_ends()
    {
        await using var client = await SignedInAsync();
        var reply = client.ReplyAsync();
        while (!reply.IsCompleted)
        {
            // Again and again: the reply to the last command may be here before the server waits for the next one.
            _server.Clock.Advance(TimeSpan.FromSeconds(301));
            await Task.Yield();
        }

        Assert.StartsWith("421", await reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suspended_account_does_not_get_in()
    {
        await _server.Catalog.WriteAsync(
            session =>
            {
                var accounts = _server.Room<AccountTable>();
                accounts.Update(session, accounts.FindByEmail(session, Email)!.Id, 1000, suspended: true);
                return true;
            },
            CancellationToken.None);
        await using var client = await FtpClient.ConnectAsync(_port);
        await client.SayAsync("USER " + Email);
        Assert.StartsWith("530", await client.SayAsync("PASS " + Password), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_tls_is_demanded_it_needs_a_certificate()
    {
        var refused = await Assert.ThrowsAsync<SettingException>(() => TestServer.StartAsync(("Ftp:Port", "2121")));
        Assert.Contains("--certificate", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Ftp:RequireTls", refused.Message, StringComparison.Ordinal);
    }

    private Task<FtpClient> SignedInAsync() => FtpClient.SignedInAsync(_port, Email, Password);

    private Task<TestServer> StartAsync() => TestServer.StartAsync(("Ftp:Port", Text(_port)), ("Ftp:RequireTls", "false"));

    private static Task<TestServer> StartAsync(string? folder, params (string, string)[] more) =>
        TestServer.StartAsync(folder, [("Ftp:Port", Text(TestPorts.Free())), ("Ftp:RequireTls", "false"), .. more]);

    private static int PortOf(TestServer server) => server.Room<ServerSettings>().Int(Coffre.Server.Ftp.FtpSettings.Port);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task<string> AddAsync(TestServer server, long quota = 1_000_000)
    {
        var key = await server.AddAccountAsync(Email, quota);
        await server.Catalog.WriteAsync(
            session =>
            {
                var accounts = server.Room<AccountTable>();
                accounts.SetPassword(session, accounts.FindByEmail(session, Email)!.Id, AccountClient.DigestOf(Password));
                return true;
            },
            CancellationToken.None);
        return key;
    }

    /// <summary>The least that speaks FTP.</summary>
    private sealed class FtpClient : IAsyncDisposable
    {
        private readonly TcpClient _tcp = new();
        private StreamReader _reader = null!;

        public static async Task<FtpClient> ConnectAsync(int port)
        {
            var client = new FtpClient();
            await client._tcp.ConnectAsync(IPAddress.Loopback, port);
            client._reader = new StreamReader(client._tcp.GetStream(), Encoding.UTF8);
            Assert.StartsWith("220", await client.ReplyAsync(), StringComparison.Ordinal);
            return client;
        }

        public static async Task<FtpClient> SignedInAsync(int port, string user, string password)
        {
            var client = await ConnectAsync(port);
            Assert.StartsWith("331", await client.SayAsync("USER " + user), StringComparison.Ordinal);
            Assert.StartsWith("230", await client.SayAsync("PASS " + password), StringComparison.Ordinal);
            return client;
        }

        public Task SendAsync(string line) => _tcp.GetStream().WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n")).AsTask();

        public async Task<string> ReplyAsync() => await _reader.ReadLineAsync() ?? "";

        public async Task<string> SayAsync(string line)
        {
            await SendAsync(line);
            return await ReplyAsync();
        }

        public async Task<TcpClient> PassiveAsync()
        {
            var reply = await SayAsync("EPSV");
            var data = new TcpClient();
            await data.ConnectAsync(IPAddress.Loopback, int.Parse(reply.Split('|')[3], CultureInfo.InvariantCulture));
            return data;
        }

        public async Task<string> StoreAsync(string name, byte[] bytes)
        {
            using var data = await PassiveAsync();
            var reply = await SayAsync("STOR " + name);
            if (!reply.StartsWith("150", StringComparison.Ordinal))
            {
                return reply;
            }

            try
            {
                await data.GetStream().WriteAsync(bytes);
                data.Client.Shutdown(SocketShutdown.Send);
            }
            catch (IOException)
            {
                // It was refused before its end.
            }

            return await ReplyAsync();
        }

        public async Task<string> ListAsync(string command)
        {
            using var data = await PassiveAsync();
            Assert.StartsWith("150", await SayAsync(command), StringComparison.Ordinal);
            var text = await new StreamReader(data.GetStream(), Encoding.UTF8).ReadToEndAsync();
            Assert.StartsWith("226", await ReplyAsync(), StringComparison.Ordinal);
            return text;
        }

        public ValueTask DisposeAsync()
        {
            _tcp.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
