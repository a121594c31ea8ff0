using System.Net;
using System.Text;
using System.Text.Json;
using Coffre.Server.Access;
using Coffre.Server.Accounts;

namespace Coffre.Tests.Serving;

/// <summary>The ways in of old scripts: Basic, the form's own login, the incoming folder, the key in the URL.</summary>
public sealed class OldLoginTests
{
    private const string Email = "ann@example.org";
    private const string Password = "correct: horse ü";
    private static readonly byte[] Bytes = [1, 2, 3];

    [Fact]
    public async Task Basic_on_upload_cgi_is_the_accounts_own_upload()
    {
        await using var server = await TestServer.StartAsync();
        var key = await AddAsync(server);
        var report = await UploadAsync(server, Basic(Email, Password));
        Assert.Equal(0, report.GetProperty("incoming").GetInt32());
        Assert.Equal("", report.GetProperty("links")[0].GetProperty("remove").GetString());
        Assert.Equal(["f.txt"], await server.ListNamesAsync(key: key));
        Assert.Empty(await server.ListNamesAsync());

        // The address is not case sensitive, the password is.
        await UploadAsync(server, Basic("ANN@example.org", Password));
        (await PostAsync(server, Basic(Email, Password.ToUpperInvariant()))).IsKo(HttpStatusCode.Unauthorized, 9003);
    }

    [Fact]
    public async Task Basic_leads_from_a_link_to_the_bytes_and_is_no_good_for_calls()
    {
        await using var server = await TestServer.StartAsync();
        await AddAsync(server);
        var link = (await server.UploadAsync("f.txt", Bytes)).GetProperty("download").GetString()!;
        var page = new HttpRequestMessage(HttpMethod.Get, link);
        page.Headers.TryAddWithoutValidation("Authorization", Basic(Email, Password));
        Assert.Equal(HttpStatusCode.Found, (await server.SendAsync(page, "")).Status);
        var call = new HttpRequestMessage(HttpMethod.Post, "/v1/folder/ls.cgi") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        call.Headers.TryAddWithoutValidation("Authorization", Basic(Email, Password));
        (await server.SendAsync(call, "")).IsKo(HttpStatusCode.Unauthorized, 247);
    }

    [Theory]
    [InlineData("Basic !!!", HttpStatusCode.BadRequest, 9011)]
    [InlineData("Basic bm9jb2xvbg==", HttpStatusCode.BadRequest, 9011)]
    [InlineData("Basic", HttpStatusCode.Unauthorized, 247)]
    [InlineData("Digest x", HttpStatusCode.Unauthorized, 247)]
    public async Task A_header_that_is_none_is_refused(string header, HttpStatusCode status, int number)
    {
        await using var server = await TestServer.StartAsync();
        (await PostAsync(server, header)).IsKo(status, number);
        Assert.Empty(server.StoredFiles());
    }

    [Fact]
    public async Task An_unknown_account_one_without_a_password_and_a_wrong_password_are_told_alike()
    {
        await using var server = await TestServer.StartAsync();
        await AddAsync(server);
        await server.AddAccountAsync("keys@example.org", 1_000_000);
        var answers = new[]
        {
            await PostAsync(server, Basic(Email, "wrong password")),
            await PostAsync(server, Basic("nobody@example.org", "wrong password")),
            await PostAsync(server, Basic("keys@example.org", "wrong password")),
            await PostAsync(server, Basic(Email, "")),
        };
        Assert.All(answers, answer => answer.IsKo(HttpStatusCode.Unauthorized, 9003));
        Assert.Single(answers.Select(answer => answer.Text).Distinct());
    }

    [Fact]
    public async Task Whoever_fails_too_often_waits_and_so_does_an_account_that_is_tried_from_everywhere()
    {
        await using var server = await TestServer.StartAsync(
            ("Accounts:FailuresByAddress", "5"), ("Accounts:FailuresByAccount", "3"), ("Limits:TrustedProxies", "127.0.0.1"));
        await AddAsync(server);
        for (var i = 0; i < 3; i++)
        {
            (await PostAsync(server, Basic(Email, "wrong password"), $"198.51.100.{i}", [])).IsKo(HttpStatusCode.Unauthorized, 9003);
        }

        var waits = await PostAsync(server, Basic(Email, Password), "198.51.100.9", []);
        waits.IsKo(HttpStatusCode.TooManyRequests, 9004);
        Assert.Equal(TimeSpan.FromSeconds(900), waits.Headers.RetryAfter!.Delta);
        for (var i = 0; i < 5; i++)
        {
            (await PostAsync(server, Basic($"u{i}@example.org", "wrong password"), "203.0.113.1", [])).IsKo(HttpStatusCode.Unauthorized, 9003);
        }

        (await PostAsync(server, Basic("u9@example.org", "wrong password"), "203.0.113.1", [])).IsKo(HttpStatusCode.TooManyRequests, 9004);
        server.Clock.Advance(TimeSpan.FromSeconds(900));
        Assert.Equal(HttpStatusCode.Found, (await PostAsync(server, Basic(Email, Password))).Status);
    }

    [Fact]
    public async Task User_and_pass_in_the_form_sign_in_before_the_files()
    {
        await using var server = await TestServer.StartAsync();
        var key = await AddAsync(server);
        var folder = await server.MakeFolderAsync("target", key: key);
        var answer = await PostAsync(server, null, ("user", Email), ("pass", Password), ("did", $"{folder}"), ("file", ""));
        Assert.Equal(HttpStatusCode.Found, answer.Status);
        Assert.Equal(["f.txt"], await server.ListNamesAsync(folder, key));

        (await PostAsync(server, null, ("user", Email), ("pass", "wrong password"), ("file", ""))).IsKo(HttpStatusCode.Unauthorized, 9003);
        var late = await PostAsync(server, null, ("file", ""), ("user", Email), ("pass", Password));
        late.IsKo(HttpStatusCode.Unauthorized, 247);
        await server.SweepAsync();
        Assert.Single(server.StoredFiles());
    }

    [Fact]
    public async Task Where_guests_may_upload_the_login_may_also_stand_behind_the_files()
    {
        await using var server = await TestServer.StartAsync(("Uploads:Anonymous", "true"));
        var key = await AddAsync(server);
        Assert.Equal(HttpStatusCode.Found, (await PostAsync(server, null, ("file", ""), ("user", Email), ("pass", Password))).Status);
        Assert.Equal(["f.txt"], await server.ListNamesAsync(key: key));
        Assert.Equal(Bytes.Length, (await server.CallAsync("user/info.cgi", "{}", key)).Json.GetProperty("cold_storage").GetInt64());

        // Wrong there, nothing is kept: it is not quietly made a guest's.
        (await PostAsync(server, null, ("file", ""), ("user", Email), ("pass", "wrong password"))).IsKo(HttpStatusCode.Unauthorized, 9003);
        await server.SweepAsync();
        Assert.Single(server.StoredFiles());
    }

    [Fact]
    public async Task A_form_login_counts_against_the_quota_of_its_account()
    {
        await using var server = await TestServer.StartAsync(("Uploads:Anonymous", "true"));
        await AddAsync(server, quota: 2);
        (await PostAsync(server, null, ("user", Email), ("pass", Password), ("file", ""))).IsKo(HttpStatusCode.InsufficientStorage, 9041);
        (await PostAsync(server, null, ("file", ""), ("user", Email), ("pass", Password))).IsKo(HttpStatusCode.InsufficientStorage, 9041);
    }

    [Fact]
    public async Task A_member_that_is_named_gets_the_files_in_its_incoming_folder_and_only_it_the_links()
    {
        await using var server = await TestServer.StartAsync(("Uploads:Incoming", "true"));
        var key = await AddAsync(server);
        for (var round = 0; round < 2; round++)
        {
            var id = await server.OpenUploadAsync("");
            Assert.Equal(HttpStatusCode.Found, (await server.PostUploadAsync(id, Form(("user", Email), ("file", "")), "")).Status);
            var report = (await server.ReportAsync(id)).Json;
            Assert.Equal(1, report.GetProperty("incoming").GetInt32());
            Assert.Equal("", report.GetProperty("links")[0].GetProperty("download").GetString());
            Assert.Equal("", report.GetProperty("links")[0].GetProperty("remove").GetString());
            Assert.Equal("3", report.GetProperty("links")[0].GetProperty("size").GetString());
            var export = new HttpRequestMessage(HttpMethod.Get, $"/end.pl?xid={id}");
            export.Headers.Add("EXPORT", "1");
            Assert.Equal("f.txt;3;;;0;1\n", (await server.SendAsync(export, "")).Text);
        }

        var folder = (await server.CallAsync("folder/ls.cgi", "{}", key)).Json.GetProperty("sub_folders")[0];
        Assert.Equal("incoming", folder.GetProperty("name").GetString());
        Assert.Equal(["f.txt", "f.txt"], await server.ListNamesAsync(folder.GetProperty("id").GetInt64(), key));
        (await PostAsync(server, null, ("user", "nobody@example.org"), ("file", ""))).IsKo(HttpStatusCode.Unauthorized, 9003);
        (await PostAsync(server, null, ("user", Account.GuestEmail), ("file", ""))).IsKo(HttpStatusCode.Unauthorized, 9003);
    }

    [Fact]
    public async Task An_account_that_was_made_before_the_first_start_takes_nothing_from_guests()
    {
        var folder = Directory.CreateTempSubdirectory("coffre-test-").FullName;
        try
        {
            var settings = Coffre.Server.Settings.SettingsLoader.Load(folder, []);
            await using (var data = Coffre.Server.DataFolder.Open(settings, TimeProvider.System, mustLock: false))
            {
                await data.Catalog.WriteAsync(session => new AccountTable(TimeProvider.System).Insert(session, Email, Tier.Premium, 1000), CancellationToken.None);
            }

            await using var server = await TestServer.StartAsync(folder, ("Uploads:Anonymous", "true"));
            Assert.Equal("", server.Key);
            Assert.Equal(HttpStatusCode.Found, (await PostAsync(server, null, ("file", ""))).Status);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Nobody_fills_another_accounts_incoming_folder_unless_the_operator_allows_it()
    {
        await using var server = await TestServer.StartAsync();
        await AddAsync(server);
        (await PostAsync(server, null, ("user", Email), ("file", ""))).IsKo(HttpStatusCode.Unauthorized, 247);
    }

    [Theory]
    [InlineData("api_key")]
    [InlineData("apikey")]
    public async Task A_key_in_the_url_is_refused_with_its_cure_unless_the_operator_allows_it_and_never_logged(string name)
    {
        await using var strict = await TestServer.StartAsync();
        var refused = await CallWithKeyInUrlAsync(strict, name);
        refused.IsKo(HttpStatusCode.Unauthorized, 247);
        Assert.Contains("Authorization: Bearer", refused.Message, StringComparison.Ordinal);

        await using var server = await TestServer.StartAsync(("Keys:InUrl", "true"));
        var answer = await CallWithKeyInUrlAsync(server, name);
        answer.IsOk();
        Assert.StartsWith("@", answer.Headers.GetValues("Deprecation").Single(), StringComparison.Ordinal);

        // The line of a request comes after its answer.
        await Task.WhenAll(new[] { strict, server }.Select(one => one.Log.WaitForAsync(line => line.Contains("POST /v1/folder/ls.cgi", StringComparison.Ordinal))));
        Assert.DoesNotContain(server.Log.All.Concat(strict.Log.All), line => line.Contains(server.Key, StringComparison.Ordinal) || line.Contains(strict.Key, StringComparison.Ordinal));

        // Beside a header it counts for nothing.
        Assert.False((await server.CallAsync($"folder/ls.cgi?{name}=x", "{}")).Headers.Contains("Deprecation"));
    }

    [Fact]
    public async Task A_digest_of_cheaper_times_is_made_anew_when_the_password_is_used()
    {
        await using var server = await TestServer.StartAsync();
        await AddAsync(server);
        var old = "$argon2id$v=19$m=8,t=1,p=1$" + Cheap(Password);
        await SetAsync(server, old);
        await UploadAsync(server, Basic(Email, Password));
        var renewed = await server.Catalog.ReadAsync(session => server.Room<AccountTable>().FindPassword(session, Email)!.Digest, CancellationToken.None);
        Assert.False(PasswordDigest.IsOutdated(renewed));
        Assert.True(PasswordDigest.Fits(Password, renewed));
    }

    [Fact]
    public void Two_digests_of_one_password_differ_and_only_it_fits()
    {
        var (first, second) = (PasswordDigest.Of(Password), PasswordDigest.Of(Password));
        Assert.NotEqual(first, second);
        Assert.True(PasswordDigest.Fits(Password, first));
        Assert.False(PasswordDigest.Fits(Password + " ", first));
    }

    [Fact]
    public void A_digest_is_what_the_reference_implementation_gives()
    {
        const string Reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ=$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc=";
        Assert.True(PasswordDigest.Fits("password", Reference));
        Assert.False(PasswordDigest.Fits("Password", Reference));
    }

    [Fact]
    public async Task Strangers_who_try_a_name_do_not_lock_out_whoever_has_signed_in_from_its_address_before()
    {
        await using var server = await TestServer.StartAsync(("Accounts:FailuresByAccount", "3"), ("Limits:TrustedProxies", "127.0.0.1"));
        await AddAsync(server);
        Assert.Equal(HttpStatusCode.Found, (await PostAsync(server, Basic(Email, Password), "198.51.100.1", [])).Status);
        for (var i = 0; i < 3; i++)
        {
            await PostAsync(server, Basic(Email, "wrong password"), "203.0.113.1", []);
        }

        (await PostAsync(server, Basic(Email, Password), "203.0.113.2", [])).IsKo(HttpStatusCode.TooManyRequests, 9004);
        Assert.Equal(HttpStatusCode.Found, (await PostAsync(server, Basic(Email, Password), "198.51.100.1", [])).Status);
    }

    private static string Cheap(string password)
    {
        var salt = new byte[16];
        using var argon = new Konscious.Security.Cryptography.Argon2id(Encoding.UTF8.GetBytes(password)) { Salt = salt, MemorySize = 8, Iterations = 1, DegreeOfParallelism = 1 };
        return $"{Convert.ToBase64String(salt)}${Convert.ToBase64String(argon.GetBytes(32))}";
    }

    private static async Task<string> AddAsync(TestServer server, long quota = 1_000_000)
    {
        var key = await server.AddAccountAsync(Email, quota);
        await SetAsync(server, PasswordDigest.Of(Password));
        return key;
    }

    private static Task<bool> SetAsync(TestServer server, string digest) =>
        server.Catalog.WriteAsync(
            session =>
            {
                var accounts = server.Room<AccountTable>();
                accounts.SetPassword(session, accounts.FindByEmail(session, Email)!.Id, digest);
                return true;
            },
            CancellationToken.None);

    private static string Basic(string email, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{email}:{password}"));

    private static async Task<Answer> CallWithKeyInUrlAsync(TestServer server, string name) =>
        await server.CallAsync($"folder/ls.cgi?{name}={server.Key}", "{}", "");

    private static async Task<JsonElement> UploadAsync(TestServer server, string authorization)
    {
        var id = await server.OpenUploadAsync("");
        var request = new HttpRequestMessage(HttpMethod.Post, $"/upload.cgi?id={id}") { Content = Form(("file", "")) };
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        Assert.Equal(HttpStatusCode.Found, (await server.SendAsync(request, "")).Status);
        return (await server.ReportAsync(id)).Json;
    }

    private static Task<Answer> PostAsync(TestServer server, string? authorization, params (string Name, string Value)[] parts) =>
        PostAsync(server, authorization, "192.0.2.1", parts);

    private static async Task<Answer> PostAsync(TestServer server, string? authorization, string from, params (string Name, string Value)[] parts)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/upload.cgi?id={await server.OpenUploadAsync("")}")
        {
            Content = parts.Length == 0 ? Form(("file", "")) : Form(parts),
        };
        request.Headers.Add("X-Forwarded-For", from);
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return await server.SendAsync(request, "");
    }

    /// <summary>Parts in this order; <c>file</c> stands for a file.</summary>
    private static ByteArrayContent Form(params (string Name, string Value)[] parts)
    {
        var body = new MemoryStream();
        foreach (var (name, value) in parts)
        {
            body.Write(Encoding.UTF8.GetBytes($"--b\r\nContent-Disposition: form-data; name=\"{name}\"{(name == "file" ? "; filename=\"f.txt\"" : "")}\r\n\r\n"));
            body.Write(name == "file" ? Bytes : Encoding.UTF8.GetBytes(value));
            body.Write("\r\n"u8);
        }

        body.Write("--b--\r\n"u8);
        var content = new ByteArrayContent(body.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        return content;
    }
}
