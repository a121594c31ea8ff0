using System.Security.Cryptography;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Mail;

namespace Coffre.Server.Sessions;

/// <summary>Turns the second step of signing in on and off. Whatever changes about it ends the account's other sessions.</summary>
internal sealed class TwoStepDesk(
    CatalogStore catalog, AccountTable accounts, TwoStepTable table, SessionTable sessions, SecretBox box, AuditTable audit, MailOutbox mail, TimeProvider clock)
{
    private const int RecoveryCodes = 10;
    private const int RecoveryLength = 16;

    // No letters that look like digits.
    private const string RecoveryAlphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    /// <summary>Makes the secret for an app; it counts once a code of it was seen.</summary>
    public async ValueTask<Outcome<byte[]>> BeginAsync(Caller caller, CancellationToken cancellationToken)
    {
        var secret = Totp.NewSecret();
        return await catalog.WriteAsync<Outcome<byte[]>>(
            session =>
            {
                if (accounts.Find(session, caller.AccountId)!.HasTwoStep)
                {
                    return new Fault(KoCode.TwoStepOn);
                }

                table.SetWaiting(session, caller.AccountId, box.Seal(secret, caller.AccountId, TwoStepCheck.Purpose));
                return secret;
            },
            cancellationToken);
    }

    /// <summary>Turns it on, with the first code of the app; returns the recovery codes.</summary>
    public async ValueTask<Outcome<IReadOnlyList<string>>> EnableAsync(Caller caller, string? code, Actor actor, CancellationToken cancellationToken)
    {
        var codes = MakeCodes();
        return await ChangeAsync<IReadOnlyList<string>>(
            caller, AccountEvents.TwoStepOn, actor, "Sign-in in two steps was turned on",
            session =>
            {
                if (accounts.Find(session, caller.AccountId)!.HasTwoStep)
                {
                    return new Fault(KoCode.TwoStepOn);
                }

                if (table.FindWaiting(session, caller.AccountId) is not { } waiting)
                {
                    return new Fault(KoCode.TwoStepOff);
                }

                var secret = box.Open(waiting, caller.AccountId, TwoStepCheck.Purpose);
                if (Totp.FindStep(secret, TwoStepCheck.Clean(code), clock.GetUtcNow(), lastTaken: 0) is not { } step)
                {
                    return new Fault(KoCode.CodeWrong);
                }

                table.Enable(session, caller.AccountId, step);
                SetCodes(session, caller.AccountId, codes);
                return Outcome.Of(codes);
            },
            cancellationToken);
    }

    public ValueTask<Outcome<bool>> DisableAsync(Caller caller, Actor actor, CancellationToken cancellationToken) =>
        ChangeAsync<bool>(
            caller, AccountEvents.TwoStepOff, actor, "Sign-in in two steps was turned off",
            session =>
            {
                if (!accounts.Find(session, caller.AccountId)!.HasTwoStep)
                {
                    return new Fault(KoCode.TwoStepOff);
                }

                table.Disable(session, caller.AccountId);
                return true;
            },
            cancellationToken);

    /// <summary>New recovery codes; the old ones are worth nothing any more.</summary>
    public async ValueTask<Outcome<IReadOnlyList<string>>> RenewCodesAsync(Caller caller, Actor actor, CancellationToken cancellationToken)
    {
        var codes = MakeCodes();
        return await ChangeAsync<IReadOnlyList<string>>(
            caller, AccountEvents.RecoveryCodesMade, actor, "New recovery codes were made",
            session =>
            {
                if (!accounts.Find(session, caller.AccountId)!.HasTwoStep)
                {
                    return new Fault(KoCode.TwoStepOff);
                }

                SetCodes(session, caller.AccountId, codes);
                return Outcome.Of(codes);
            },
            cancellationToken);
    }

    private async ValueTask<Outcome<T>> ChangeAsync<T>(
        Caller caller, string happened, Actor actor, string subject, Func<CatalogSession, Outcome<T>> change, CancellationToken cancellationToken)
    {
        var changed = await catalog.WriteAsync(
            session =>
            {
                var outcome = change(session);
                if (!outcome.IsFault)
                {
                    sessions.DeleteAll(session, caller.AccountId, but: caller.SessionId);
                    audit.Add(session, new AuditEvent(happened, actor, caller.AccountId));
                    mail.AddSecurity(session, caller.AccountId, subject, $"{subject} for your account, and all sessions but the one that did it were ended.");
                }

                return outcome;
            },
            cancellationToken);
        mail.Raise();
        return changed;
    }

    private void SetCodes(CatalogSession session, long accountId, IReadOnlyList<string> codes) =>
        table.SetRecoveryCodes(session, accountId, [.. codes.Select(TwoStepCheck.Clean)]);

    /// <summary>Four groups of four; 80 bits each.</summary>
    private static IReadOnlyList<string> MakeCodes() =>
    [
        .. Enumerable.Range(0, RecoveryCodes).Select(_ => string.Join('-', RandomNumberGenerator.GetString(RecoveryAlphabet, RecoveryLength).Chunk(4).Select(group => new string(group)))),
    ];
}
