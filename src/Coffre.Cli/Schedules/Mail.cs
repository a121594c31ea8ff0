using System.Globalization;
using System.Text;
using Coffre.Cli.Running;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Coffre.Cli.Schedules;

/// <summary>One mail, and the way that it takes.</summary>
internal sealed record Mail
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public required Uri Server { get; init; }

    public string? Password { get; init; }

    public required string From { get; init; }

    public required IReadOnlyList<string> To { get; init; }

    public required string Subject { get; init; }

    public required string Text { get; init; }

    public required DateTimeOffset Date { get; init; }

    public static Mail Of(Run run, ScheduledJob job, RunRecord record)
    {
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"Job {job.Name} on {Environment.MachineName}: {record.Outcome}\n\n")
            .Append(CultureInfo.InvariantCulture, $"command:   coffre {string.Join(' ', job.Words)}\n")
            .Append(CultureInfo.InvariantCulture, $"started:   {record.Started.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC\n");
        if (record.ExitCode is { } code)
        {
            text.Append(CultureInfo.InvariantCulture, $"took:      {record.DurationSeconds:0} s\nexit code: {code}\n");
        }

        if (record.Error is { } error)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{error}\n");
        }

        return new Mail
        {
            Server = new Uri(job.Smtp!),
            Password = job.SmtpPassword is { } place ? SecretPlace.Read(run, place, job, "SMTP password") : null,
            From = job.SmtpFrom!,
            To = job.MailTo,
            Subject = $"coffre: {job.Name} {record.Outcome}",
            Text = run.CleanMessage(text.ToString()),
            Date = run.World.Time.GetUtcNow(),
        };
    }

    /// <summary>Hands it to the SMTP server.</summary>
    public static async Task SendAsync(Mail mail, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        using var message = new MimeMessage { Subject = mail.Subject, Date = mail.Date, Body = new TextPart("plain") { Text = mail.Text } };
        message.From.Add(MailboxAddress.Parse(mail.From));
        message.To.AddRange(mail.To.Select(text => MailboxAddress.Parse(text)));
        message.Headers.Add("Auto-Submitted", "auto-generated");
        using var smtp = new SmtpClient { Timeout = (int)Limit.TotalMilliseconds };
        var port = mail.Server.IsDefaultPort || mail.Server.Port < 0 ? mail.Server.Scheme is "smtps" ? 465 : 587 : mail.Server.Port;

        // A password never crosses a network in clear: without TLS only a server on this machine is spoken to.
        var security = mail.Server.Scheme is "smtps" ? SecureSocketOptions.SslOnConnect : mail.Server.IsLoopback ? SecureSocketOptions.StartTlsWhenAvailable : SecureSocketOptions.StartTls;
        await smtp.ConnectAsync(mail.Server.Host, port, security, limit.Token);
        if (mail.Password is { } password)
        {
            await smtp.AuthenticateAsync(Uri.UnescapeDataString(mail.Server.UserInfo), password, limit.Token);
        }

        await smtp.SendAsync(message, limit.Token);
        await smtp.DisconnectAsync(quit: true, limit.Token);
    }
}
