using System.Text.Json.Nodes;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;

namespace Coffre.Server.Sessions;

/// <summary>Signs people in and out.</summary>
internal sealed class SessionDesk(
    CatalogStore catalog, SignIn signIn, AccountTable accounts, SessionTable sessions, ChallengeTable challenges, TwoStepCheck twoStep, AuditTable audit)
{
    /// <summary>The first step: a session, or of an account with two steps a challenge.</summary>
    public async ValueTask<Outcome<SignInResult>> SignInAsync(string? email, string? password, Origin origin, CancellationToken cancellationToken)
    {
        if (email is null || password is null)
        {
            return new Fault(KoCode.MissingParameter, "email and password");
        }

        var proved = await signIn.ProveAccountAsync(email, password, origin.Address, cancellationToken);
        if (proved.IsFault)
        {
            return proved.Fault;
        }

        return await catalog.WriteAsync<Outcome<SignInResult>>(
            session =>
            {
                // Between the look and now the account may have got another password, or been suspended.
                if (accounts.Find(session, proved.Value.Of.Id) is not { Suspended: false } account
                    || accounts.FindPassword(session, account.Email)?.Digest != proved.Value.Digest)
                {
                    return new Fault(KoCode.WrongPassword);
                }

                return account.HasTwoStep
                    ? new SignInResult(null, challenges.Issue(session, account.Id))
                    : new SignInResult(Start(session, account.Id, origin, hasTwoSteps: false), null);
            },
            cancellationToken);
    }

    /// <summary>The second step.</summary>
    public async ValueTask<Outcome<SignInResult>> AnswerAsync(string? challenge, string? code, Origin origin, CancellationToken cancellationToken)
    {
        // What was found wrong must stay written down, so the transaction gives no fault.
        var (fault, issued) = await catalog.WriteAsync<(Fault?, IssuedSession?)>(
            session =>
            {
                if (challenges.Find(session, challenge) is not { Account.Suspended: false } found)
                {
                    return (new Fault(KoCode.SignInEnded), null);
                }

                if (twoStep.EarlyFault(found.Account.Id) is { } early)
                {
                    return (early, null);
                }

                challenges.CountTry(session, found);
                if (!twoStep.Take(session, found.Account.Id, code, origin.Stranger))
                {
                    return (new Fault(found.Tries + 1 < ChallengeTable.MaxTries ? KoCode.CodeWrong : KoCode.SignInEnded), null);
                }

                challenges.Delete(session, found);
                return (null, Start(session, found.Account.Id, origin, hasTwoSteps: true));
            },
            cancellationToken);
        return fault is null ? new SignInResult(issued, null) : fault;
    }

    public ValueTask<IReadOnlyList<SessionRow>> ListAsync(long accountId, long? before, int most, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => sessions.List(session, accountId, before, most), cancellationToken);

    public ValueTask<Outcome<SessionRow>> FindAsync(long accountId, long id, CancellationToken cancellationToken) =>
        catalog.ReadAsync<Outcome<SessionRow>>(session => sessions.Find(session, accountId, id) is { } row ? row : new Fault(KoCode.NotFound), cancellationToken);

    /// <summary>Signs a session out.</summary>
    public async ValueTask<Outcome<int>> EndAsync(long accountId, long id, Actor actor, CancellationToken cancellationToken) =>
        await catalog.WriteAsync<Outcome<int>>(
            session =>
            {
                if (!sessions.Delete(session, accountId, id))
                {
                    return new Fault(KoCode.NotFound);
                }

                audit.Add(session, new AuditEvent(AccountEvents.SessionEnded, actor, accountId) { Detail = new JsonObject { ["session_id"] = id } });
                return 1;
            },
            cancellationToken);

    /// <summary>Signs all sessions out but the one that asks.</summary>
    public async ValueTask<Outcome<int>> EndOthersAsync(Caller caller, Actor actor, CancellationToken cancellationToken) =>
        await catalog.WriteAsync<Outcome<int>>(
            session =>
            {
                var ended = sessions.DeleteAll(session, caller.AccountId, but: caller.SessionId);
                audit.Add(session, new AuditEvent(AccountEvents.OtherSessionsEnded, actor, caller.AccountId) { Detail = new JsonObject { ["count"] = ended } });
                return ended;
            },
            cancellationToken);

    /// <summary>The password once more (and a code, if the account has two steps): for a while the session may do what wants that.</summary>
    public async ValueTask<Outcome<SessionRow>> ConfirmAsync(
        Caller caller, string? password, string? code, Origin origin, CancellationToken cancellationToken)
    {
        var proved = await signIn.ProveAccountAsync(caller.Email, password ?? "", origin.Address, cancellationToken);
        if (proved.IsFault)
        {
            return proved.Fault;
        }

        var actor = Actor.Of(origin.Address, caller);
        var (fault, row) = await catalog.WriteAsync<(Fault?, SessionRow?)>(
            session =>
            {
                if (proved.Value.Of.HasTwoStep)
                {
                    if (twoStep.EarlyFault(caller.AccountId) is { } early)
                    {
                        return (early, null);
                    }

                    if (!twoStep.Take(session, caller.AccountId, code, actor))
                    {
                        return (new Fault(KoCode.CodeWrong), null);
                    }
                }

                sessions.Freshen(session, caller.AccountId, caller.SessionId);
                audit.Add(session, new AuditEvent(AccountEvents.SessionConfirmed, actor, caller.AccountId));
                return sessions.Find(session, caller.AccountId, caller.SessionId) is { } fresh ? (null, fresh) : (new Fault(KoCode.NotAuthenticated), null);
            },
            cancellationToken);
        return fault is null ? row! : fault;
    }

    private IssuedSession Start(CatalogSession session, long accountId, Origin origin, bool hasTwoSteps)
    {
        var issued = sessions.Issue(session, accountId, origin.Use);
        audit.Add(session, new AuditEvent(AccountEvents.SignedIn, new Actor(ActorKind.Session, accountId, issued.Row.Id, origin.Stranger.Address), accountId)
        {
            Detail = new JsonObject { ["client"] = origin.Use.Client, ["two_steps"] = hasTwoSteps },
        });
        return issued;
    }
}
