using System.Globalization;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>Mail through an SMTP server that others wrote (aiosmtpd), which puts what it takes into a maildir.</summary>
public sealed class SmtpTests
{
    [Fact]
    public async Task The_contacts_of_an_upload_get_its_link()
    {
        const string Python = "/usr/bin/python3";
        Assert.SkipUnless(Directory.Exists("/usr/lib/python3/dist-packages/aiosmtpd"), "There is no aiosmtpd on this machine (Debian: python3-aiosmtpd).");
        using var folder = new TempFolder();
        var port = Ports.Take();
        using var smtp = Tool.Start(
            Python, ["-m", "aiosmtpd", "-n", "-l", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "-c", "aiosmtpd.handlers.Mailbox", folder["maildir"]]);
        try
        {
            await Until.HoldsAsync(() => Ports.ListensAsync(port), "the SMTP server listens");
            await using var server = await ServerProcess.StartAsync(new ServerOptions
            {
                Settings = ["Mail:Host=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"Mail:Port={port}"), "Mail:Security=none", "Mail:From=Coffre <coffre@example.org>"],
            });
            using var client = V1Client.For(server);
            var to = await client.UploadAddressAsync();
            var form = new Multipart().Field("mails", "ann@example.org").Field("message", "Voilà").File("é.txt", Bytes.Random(10));
            await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, to) { Content = form.Content() });
            var link = (await client.ReportAsync(to)).GetProperty("links")[0].GetProperty("download").GetString()!;

            var arrived = folder["maildir/new"];
            await Until.HoldsAsync(() => Directory.Exists(arrived) && Directory.EnumerateFiles(arrived).Any(), "the mail arrived");
            var mail = await File.ReadAllTextAsync(Directory.EnumerateFiles(arrived).Single());
            Assert.Contains("To: ann@example.org", mail, StringComparison.Ordinal);
            Assert.Contains("From: Coffre <coffre@example.org>", mail, StringComparison.Ordinal);
            Assert.Contains("Subject: owner@localhost has sent you 1 file", mail, StringComparison.Ordinal);

            // The body is UTF-8 in one of MIME's encodings; the link has nothing that needs one but "=".
            Assert.True(
                mail.Contains(link, StringComparison.Ordinal) || mail.Contains(link.Replace("=", "=3D", StringComparison.Ordinal), StringComparison.Ordinal)
                || mail.Contains("base64", StringComparison.Ordinal), mail);
            server.AssertNoFault();
        }
        finally
        {
            smtp.Kill();
            await smtp.WaitForExitAsync();
        }
    }
}
