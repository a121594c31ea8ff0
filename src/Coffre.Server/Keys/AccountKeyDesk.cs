using System.Text;
using Coffre.Protocol;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Mail;
using Coffre.Server.Sessions;
using Coffre.Server.Settings;

namespace Coffre.Server.Keys;

/// <summary>The one key of an account that it may see again, where the operator allows it.</summary>
/// <remarks>
/// Its text is kept sealed (AES-256-GCM, bound to account and key) under a key that is neither in the database nor the pepper. Whoever views it
/// has just typed the password; each view is in the audit log and told by mail.
/// </remarks>
internal sealed class AccountKeyDesk(
    CatalogStore catalog, KeyTable keys, KeyDesk desk, ViewAgainKey seal, MailOutbox mail, ServerSettings settings)
{
    private const string Name = "account key";
    private readonly bool _isOn = settings.Flag(KeySettings.ViewAgain);
    private readonly SecretBox _box = new(seal.Bytes);

    /// <summary>At the start: where it is off, nothing that was sealed before stays.</summary>
    public void Prepare(CatalogSession session)
    {
        if (!_isOn)
        {
            keys.ForgetSealed(session);
        }
    }

    /// <summary>Makes the account's key; the one before dies at once.</summary>
    /// <param name="accountId">Whose.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="rights">What it may do: all that whoever asks may.</param>
    /// <param name="cancellationToken">Gives up before the change begins.</param>
    public async ValueTask<Outcome<IssuedKey>> MakeAsync(long accountId, Actor actor, KeyRights rights, CancellationToken cancellationToken) =>
        !_isOn
            ? new Fault(KoCode.ViewAgainOff)
            : await catalog.WriteAsync(
                session =>
                {
                    var old = keys.FindSealed(session, accountId);
                    if (old is not null)
                    {
                        desk.End(session, old.Row, actor);
                    }

                    var happened = old is null ? AuditEvents.KeyMade : AuditEvents.KeyRegenerated;
                    var issued = desk.Issue(session, accountId, new NewKey(Name, rights), happened, actor);
                    if (!issued.IsFault)
                    {
                        var row = issued.Value.Row;
                        keys.SetSealed(session, row, _box.Seal(Encoding.ASCII.GetBytes(issued.Value.Secret), accountId, PurposeOf(row)));
                    }

                    return issued;
                },
                cancellationToken);

    /// <summary>Shows the account's key again.</summary>
    public async ValueTask<Outcome<IssuedKey>> ViewAsync(long accountId, Actor actor, CancellationToken cancellationToken)
    {
        if (!_isOn)
        {
            return new Fault(KoCode.ViewAgainOff);
        }

        var shown = await catalog.WriteAsync<Outcome<IssuedKey>>(
            session =>
            {
                if (keys.FindSealed(session, accountId) is not { } kept)
                {
                    return new Fault(KoCode.NotFound, "the account has no key that can be seen again: make one");
                }

                desk.Note(session, AuditEvents.KeyViewed, kept.Row, actor);
                mail.AddSecurity(
                    session, accountId, "Your API key was viewed",
                    $"Somebody signed in to your account has looked at its API key ({kept.Row.Masked}), from {actor.Address}. If that was not you: change the password and make a new key.");
                return new IssuedKey(kept.Row, Encoding.ASCII.GetString(_box.Open(kept.Box, accountId, PurposeOf(kept.Row))));
            },
            cancellationToken);
        if (!shown.IsFault)
        {
            mail.Raise();
        }

        return shown;
    }

    private static string PurposeOf(KeyRow key) => $"view key {key.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
}

/// <summary>What keys that may be seen again are sealed under.</summary>
internal sealed record ViewAgainKey(byte[] Bytes);
