using System.Net;
using System.Threading.Channels;
using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Limits;
using Coffre.Server.Mail;
using Coffre.Server.Settings;

namespace Coffre.Server.Accounts;

/// <summary>Takes wishes for mails that strangers may ask for, and looks behind the answer whether there is anybody to write to.</summary>
/// <remarks>The answer comes before the look, so neither its words nor its time tell who has an account here.</remarks>
internal sealed partial class LetterDesk(CatalogStore catalog, MailOutbox mail, ServerSettings settings, TimeProvider clock, ILogger<LetterDesk> logger) : BackgroundService
{
    /// <summary>How long the secret in a mail is good for.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(30);

    private const int MaxWaiting = 1000;
    private readonly Channel<Action<CatalogSession>> _wishes = Channel.CreateBounded<Action<CatalogSession>>(MaxWaiting);
    private readonly FailureBudget _byAddress = Budget(AccountSettings.LettersByAddress, settings, clock);
    private readonly FailureBudget _byEmail = Budget(AccountSettings.LettersByEmail, settings, clock);

    /// <summary>Takes a wish; what it does with the catalog is done later, one after the other.</summary>
    /// <param name="address">Where it comes from.</param>
    /// <param name="email">Whom it would be written to. Too many for one address are passed over, and told as the others are.</param>
    /// <param name="write">Looks, and writes the mail if there is one to write.</param>
    public Fault? Ask(IPAddress? address, string email, Action<CatalogSession> write)
    {
        if (AdmitFault(address) is { } fault)
        {
            return fault;
        }

        var reader = Subject.Named(AccountTable.Key(email));
        var isTooOften = _byEmail.Wait(reader) is not null;
        _byEmail.Count(reader);
        if (!isTooOften)
        {
            // A full queue drops wishes: they are told as the others are, and may be asked for again.
            _wishes.Writer.TryWrite(write);
        }

        return null;
    }

    /// <summary>Counts what a stranger asks for against its address.</summary>
    public Fault? AdmitFault(IPAddress? address)
    {
        var here = Subject.Of(address);
        if (_byAddress.Wait(here) is { } wait)
        {
            return new Fault(KoCode.TooManyRequests) { RetryAfter = wait };
        }

        _byAddress.Count(here);
        return null;
    }

    /// <summary>Returns when all that was asked for before is written.</summary>
    public async Task SettleAsync()
    {
        var done = new TaskCompletionSource();
        await _wishes.Writer.WriteAsync(_ => done.SetResult());
        await done.Task;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var write in _wishes.Reader.ReadAllAsync(stoppingToken))
            {
                await WriteAsync(write);
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever asked asks again.
        }
    }

    private async Task WriteAsync(Action<CatalogSession> write)
    {
        try
        {
            await catalog.WriteAsync(
                session =>
                {
                    write(session);
                    return true;
                },
                CancellationToken.None);
            mail.Raise();
        }
        catch (Exception exception)
        {
            // The next wish may fare better.
            LogFailed(exception);
        }
    }

    private static FailureBudget Budget(Setting most, ServerSettings settings, TimeProvider clock) =>
        new(settings.Int(most), settings.Seconds(AccountSettings.FailureSeconds), settings.Int(LimitSettings.Tracked), clock);

    [LoggerMessage(LogLevel.Error, "A mail that was asked for could not be written")]
    private partial void LogFailed(Exception exception);
}
