using System.Text.Json.Nodes;
using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Limits;
using Coffre.Server.Settings;

namespace Coffre.Server.Sessions;

/// <summary>Judges codes of the second step: of the app, once each, or recovery codes, once each.</summary>
/// <remarks>Wrong codes of an account are counted, whoever sends them: whoever has the password has few guesses at a million codes.</remarks>
internal sealed class TwoStepCheck(TwoStepTable table, SecretBox box, AuditTable audit, ServerSettings settings, TimeProvider clock)
{
    public const string Purpose = "totp";
    private const int FreeTries = 5;
    private const int MaxCode = 64;

    private readonly GrowingWait<Subject> _waits = new(
        FreeTries, TimeSpan.FromSeconds(5), settings.Seconds(AccountSettings.FailureSeconds), settings.Int(LimitSettings.Tracked), clock);

    /// <summary>Asked before <see cref="Take"/>; null if a code may be tried.</summary>
    public Fault? EarlyFault(long accountId) =>
        _waits.Wait(Subject.User(accountId)) is { } wait ? new Fault(KoCode.TooManySignIns, "wrong codes") { RetryAfter = wait } : null;

    /// <summary>Takes a code, in the transaction of what it opens; what it finds wrong stays written down.</summary>
    /// <param name="session">The writer's.</param>
    /// <param name="accountId">Whose code.</param>
    /// <param name="code">As it was typed.</param>
    /// <param name="actor">Who sends it.</param>
    public bool Take(CatalogSession session, long accountId, string? code, Actor actor)
    {
        var clean = Clean(code);
        if (clean.Length <= MaxCode && (TakeAppCode(session, accountId, clean) || TakeRecoveryCode(session, accountId, clean, actor)))
        {
            _waits.Forgive(Subject.User(accountId));
            return true;
        }

        _waits.Count(Subject.User(accountId));
        audit.Add(session, new AuditEvent(AccountEvents.WrongCode, actor, accountId));
        return false;
    }

    /// <summary>As the digest was made of it: without the blanks and dashes that people put in.</summary>
    public static string Clean(string? code) => string.Concat((code ?? "").Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();

    private bool TakeAppCode(CatalogSession session, long accountId, string code)
    {
        if (code.Length != Totp.Digits || table.FindSecret(session, accountId) is not { } kept
            || Totp.FindStep(box.Open(kept, accountId, Purpose), code, clock.GetUtcNow(), table.LastStep(session, accountId)) is not { } step)
        {
            return false;
        }

        table.SetLastStep(session, accountId, step);
        return true;
    }

    private bool TakeRecoveryCode(CatalogSession session, long accountId, string code, Actor actor)
    {
        if (code.Length == Totp.Digits || !table.TakeRecoveryCode(session, accountId, code))
        {
            return false;
        }

        audit.Add(session, new AuditEvent(AccountEvents.RecoveryCodeUsed, actor, accountId)
        {
            Detail = new JsonObject { ["left"] = table.CountRecoveryCodes(session, accountId) },
        });
        return true;
    }
}
