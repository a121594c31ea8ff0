using System.Net.Sockets;
using Coffre.Server.Catalog;
using Coffre.Server.Housekeeping;
using Coffre.Server.Settings;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Coffre.Server.Mail;

/// <summary>Sends what waits in the outbox, and tries again what could not be sent. Sleeps while nothing waits.</summary>
internal sealed partial class MailWorker(
    CatalogStore catalog, MailTable table, MailOutbox outbox, ServerSettings settings, TimeProvider clock, ILogger<MailWorker> logger) : SteadyTask(logger)
{
    private const int Batch = 50;
    private const int SmtpTimeout = 60_000;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);
    private readonly int _tries = settings.Int(MailSettings.Tries);

    protected override async Task TurnAsync(CancellationToken stoppingToken)
    {
        if (!outbox.IsOn)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, stoppingToken);
        }

        await SendAllAsync(stoppingToken);
        await SleepAsync(stoppingToken);
    }

    private async Task SleepAsync(CancellationToken stoppingToken)
    {
        var due = await catalog.ReadAsync(table.NextDue, stoppingToken);
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);

        // An operator's command may write a mail without this process knowing.
        var wait = due - clock.GetUtcNow() is { } left && left < LongestSleep ? left : LongestSleep;
        var timer = Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, clock, awake.Token);
        await Task.WhenAny(timer, outbox.WaitAsync(awake.Token).AsTask());
        await awake.CancelAsync();
        stoppingToken.ThrowIfCancellationRequested();
    }

    private async Task SendAllAsync(CancellationToken stoppingToken)
    {
        while (await catalog.ReadAsync(session => table.ListDue(session, Batch), stoppingToken) is { Count: > 0 } due)
        {
            using var smtp = new SmtpClient { Timeout = SmtpTimeout };
            foreach (var mail in due)
            {
                await SendAsync(smtp, mail, stoppingToken);
            }

            if (smtp.IsConnected)
            {
                await smtp.DisconnectAsync(quit: true, CancellationToken.None);
            }

            await catalog.WriteAsync(session => table.DeleteSent(session, clock.GetUtcNow() - TimeSpan.FromDays(1)), stoppingToken);
        }
    }

    private async Task SendAsync(SmtpClient smtp, OutgoingMail mail, CancellationToken stoppingToken)
    {
        try
        {
            if (!smtp.IsConnected)
            {
                await ConnectAsync(smtp, stoppingToken);
            }

            using var message = Compose(mail);
            await smtp.SendAsync(message, stoppingToken);
            await WriteAsync(session => table.Sent(session, mail));
            LogSent(mail.Id);
        }
        catch (SmtpCommandException exception) when ((int)exception.StatusCode >= 500)
        {
            await WriteAsync(session => table.Drop(session, mail));
            LogRefused(mail.Id, (int)exception.StatusCode);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            await PostponeAsync(mail, exception);
        }
    }

    private async Task ConnectAsync(SmtpClient smtp, CancellationToken stoppingToken)
    {
        var security = settings.Text(MailSettings.Security).ToUpperInvariant() switch
        {
            "NONE" => SecureSocketOptions.None,
            "TLS" => SecureSocketOptions.SslOnConnect,
            _ => SecureSocketOptions.StartTls,
        };
        await smtp.ConnectAsync(settings.Text(MailSettings.Host), settings.Int(MailSettings.Port), security, stoppingToken);
        if (settings.Text(MailSettings.User) is { Length: > 0 } user)
        {
            var password = (await File.ReadAllLinesAsync(settings.Text(MailSettings.PasswordFile), stoppingToken)).FirstOrDefault() ?? "";
            await smtp.AuthenticateAsync(user, password, stoppingToken);
        }
    }

    private MimeMessage Compose(OutgoingMail mail)
    {
        var message = new MimeMessage { Subject = mail.Subject, Date = clock.GetUtcNow(), Body = new TextPart("plain") { Text = mail.Body } };
        message.From.Add(MailboxAddress.Parse(settings.Text(MailSettings.From)));
        message.To.Add(MailboxAddress.Parse(mail.Recipient));
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    private async Task PostponeAsync(OutgoingMail mail, Exception exception)
    {
        var isLast = mail.Tries + 1 >= _tries;
        await WriteAsync(session =>
        {
            if (isLast)
            {
                table.Drop(session, mail);
            }
            else
            {
                table.Postpone(session, mail, FirstWait * (1L << Math.Min(mail.Tries, 20)));
            }
        });
        if (isLast)
        {
            LogGivenUp(mail.Id, exception.Message);
        }
        else
        {
            LogPostponed(mail.Id, exception.Message);
        }
    }

    private Task<bool> WriteAsync(Action<CatalogSession> work) =>
        catalog.WriteAsync(
            session =>
            {
                work(session);
                return true;
            },
            CancellationToken.None);

    [LoggerMessage(LogLevel.Information, "Mail {MailId} was sent")]
    private partial void LogSent(long mailId);

    [LoggerMessage(LogLevel.Warning, "Mail {MailId} was refused with {Status}; it is not tried again")]
    private partial void LogRefused(long mailId, int status);

    [LoggerMessage(LogLevel.Warning, "Mail {MailId} could not be sent and is tried again: {Reason}")]
    private partial void LogPostponed(long mailId, string reason);

    [LoggerMessage(LogLevel.Warning, "Mail {MailId} could not be sent and is given up: {Reason}")]
    private partial void LogGivenUp(long mailId, string reason);
}
