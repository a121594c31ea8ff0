using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Coffre.Server.Settings;
using MimeKit;

namespace Coffre.Tests.Serving;

/// <summary>Mail where the protocol promises one.</summary>
public sealed class MailTests
{
    [Fact]
    public async Task The_uploader_and_its_contacts_get_the_links_and_the_contacts_the_message()
    {
        await using var smtp = new TinySmtp();
        await using var server = await StartAsync(smtp);
        var link = await UploadAsync(
            server, "ü.txt", ("mail", "me@example.org"), ("mails", "a@example.org, b@example.org; a@example.org\nnonsense"), ("message", "Hello\r\nBcc: c@example.org"));
        await smtp.WaitAsync(3);
        Assert.Equal(["a@example.org", "b@example.org", "me@example.org"], smtp.Mails.Select(mail => mail.To.ToString()).Order(StringComparer.Ordinal));
        Assert.All(smtp.Mails, mail => Assert.Contains(link, mail.TextBody, StringComparison.Ordinal));
        Assert.All(smtp.Mails, mail => Assert.Contains("ü.txt", mail.TextBody, StringComparison.Ordinal));
        Assert.All(smtp.Mails, mail => Assert.Equal("coffre@example.org", mail.From.ToString()));
        Assert.All(smtp.Mails, mail => Assert.Empty(mail.Bcc));
        var toContact = smtp.Mails.First(mail => mail.To.ToString() == "a@example.org");
        Assert.Equal("owner@localhost has sent you 1 file", toContact.Subject);
        Assert.StartsWith("Hello", toContact.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("Hello", smtp.Mails.First(mail => mail.To.ToString() == "me@example.org").TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Log.All, line => line.Contains("a@example.org", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_mail_settings_an_upload_is_kept_and_nothing_is_sent()
    {
        await using var server = await TestServer.StartAsync();
        await UploadAsync(server, "f", ("mail", "me@example.org"));
        Assert.Equal(["f"], await server.ListNamesAsync());
    }

    [Fact]
    public async Task Guests_send_no_mail()
    {
        await using var smtp = new TinySmtp();
        await using var server = await StartAsync(smtp, ("Uploads:Anonymous", "true"));
        await UploadAsync(server, "guest.txt", "", ("mails", "victim@example.org"));
        await UploadAsync(server, "mine.txt", ("mail", "me@example.org"));
        await smtp.WaitAsync(1);
        Assert.Equal("me@example.org", smtp.Mails.Single().To.ToString());
    }

    [Fact]
    public async Task An_account_sends_so_many_a_day_and_an_upload_so_many_at_once()
    {
        await using var smtp = new TinySmtp();
        await using var server = await StartAsync(smtp, ("Mail:PerDay", "5"), ("Mail:Recipients", "3"));
        var many = string.Join(',', Enumerable.Range(0, 10).Select(i => $"u{i}@example.org"));
        await UploadAsync(server, "a", ("mails", many));
        await UploadAsync(server, "b", ("mails", many));
        await smtp.WaitAsync(5);
        Assert.Equal(2, (await server.ListNamesAsync()).Count);
        server.Clock.Advance(TimeSpan.FromHours(25));
        await UploadAsync(server, "c", ("mails", "last@example.org"));
        await smtp.WaitAsync(6);
        Assert.Equal("last@example.org", smtp.Mails[^1].To.ToString());
        Assert.Equal(6, smtp.Mails.Count);
    }

    [Fact]
    public async Task A_mail_that_cannot_be_sent_is_tried_again_also_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("coffre-test-").FullName;
        try
        {
            var port = TestPorts.Free();
            await using (var server = await TestServer.StartAsync(folder, Settings(port)))
            {
                await UploadAsync(server, "f", ("mail", "me@example.org"));
                await server.Log.WaitForAsync(line => line.Contains("tried again", StringComparison.Ordinal));
            }

            await using var smtp = new TinySmtp(port);
            await using var again = await TestServer.StartAsync(folder, Settings(port));
            again.Clock.Advance(TimeSpan.FromMinutes(2));
            while (smtp.Mails.Count == 0)
            {
                again.Clock.Advance(TimeSpan.FromMinutes(1));
                await Task.Yield();
            }

            Assert.Equal("me@example.org", smtp.Mails.Single().To.ToString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_mail_that_is_refused_for_good_is_dropped_and_the_others_are_sent()
    {
        await using var smtp = new TinySmtp { Refuses = "gone@example.org" };
        await using var server = await StartAsync(smtp);
        await UploadAsync(server, "f", ("mails", "gone@example.org,here@example.org"));
        await smtp.WaitAsync(1);
        await server.Log.WaitForAsync(line => line.Contains("refused with 550", StringComparison.Ordinal));
        Assert.Equal("here@example.org", smtp.Mails.Single().To.ToString());
    }

    [Fact]
    public async Task A_remote_upload_is_reported_when_all_of_it_has_ended_to_those_who_want_that()
    {
        await using var smtp = new TinySmtp();
        await using var source = new SourceServer(ask => ask.Head.Contains("/bad", StringComparison.Ordinal)
            ? ask.WriteAsync("HTTP/1.1 404 Not Found\nConnection: close\nContent-Length: 0")
            : ask.OkAsync([1, 2, 3]));
        await using var server = await StartAsync(
            smtp, ("Remote:AllowNetworks", "127.0.0.2/32"), ("Remote:Ports", "0"), ("Remote:RetrySeconds", "0"), ("Public:Address", "https://files.example.org"));
        (await server.CallAsync("user/info.cgi", """{"ru_report":1}""")).IsOk();
        await server.CallAsync("remote/request.cgi", JsonSerializer.Serialize(new { urls = new[] { source.Url + "/good", source.Url + "/bad" } }));
        await smtp.WaitAsync(1);
        var mail = smtp.Mails.Single();
        Assert.Equal("owner@localhost", mail.To.ToString());
        Assert.Equal("Remote upload: 1 of 2 were fetched", mail.Subject);
        Assert.Contains("https://files.example.org/?", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("The source answered HTTP 404", mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_without_a_sender_stops_the_start()
    {
        var refused = await Assert.ThrowsAsync<SettingException>(() => TestServer.StartAsync(("Mail:Host", "127.0.0.1")));
        Assert.Contains("Mail:From", refused.Message, StringComparison.Ordinal);
    }

    private static Task<TestServer> StartAsync(TinySmtp smtp, params (string, string)[] more) => TestServer.StartAsync([.. Settings(smtp.Port), .. more]);

    private static (string, string)[] Settings(int port) =>
    [
        ("Mail:Host", "127.0.0.1"), ("Mail:Port", port.ToString(CultureInfo.InvariantCulture)), ("Mail:Security", "none"), ("Mail:From", "coffre@example.org"),
    ];

    private static Task<string> UploadAsync(TestServer server, string name, params (string Name, string Value)[] fields) => UploadAsync(server, name, null, fields);

    private static async Task<string> UploadAsync(TestServer server, string name, string? key, params (string Name, string Value)[] fields)
    {
        var form = TestServer.Form(0, (name, [1]));
        foreach (var (field, value) in fields)
        {
            var part = new ByteArrayContent(Encoding.UTF8.GetBytes(value));
            part.Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=\"{field}\"");
            form.Add(part);
        }

        var id = await server.OpenUploadAsync(key);
        Assert.Equal(HttpStatusCode.Found, (await server.PostUploadAsync(id, form, key)).Status);
        return (await server.ReportAsync(id)).Json.GetProperty("links")[0].GetProperty("download").GetString()!;
    }
}
