using System.Text.Json.Nodes;
using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Folders;
using Coffre.Server.Mail;
using Coffre.Server.Settings;

namespace Coffre.Server.Keys;

/// <summary>Decides about keys: who may make which, and how one takes over from another.</summary>
/// <remarks>Nobody gets a key that can do more than the one that asked for it: not by making it, nor by replacing a stronger one.</remarks>
internal sealed class KeyDesk(
    CatalogStore catalog, KeyTable keys, AccountTable accounts, FolderTable folders, AuditTable audit, MailOutbox mail, ServerSettings settings, TimeProvider clock)
{
    public const int MaxName = 100;
    public const int MaxNetworks = 50;
    public const long MaxRate = 1_000_000;
    public static readonly TimeSpan MaxGrace = TimeSpan.FromDays(7);
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromDays(1);

    private readonly long _most = settings.Number(KeySettings.PerAccount);

    /// <summary>Makes a key.</summary>
    /// <param name="accountId">Whose.</param>
    /// <param name="asking">Who asks for it.</param>
    /// <param name="wish">What it is to be.</param>
    /// <param name="cancellationToken">Gives up before the change begins.</param>
    public async ValueTask<Outcome<IssuedKey>> MakeAsync(long accountId, Asking asking, KeyWish wish, CancellationToken cancellationToken) =>
        Judge(wish) is { } fault
            ? fault
            : await catalog.WriteAsync<Outcome<IssuedKey>>(
                session =>
                {
                    if (wish.RootFolderId is { } root && folders.Find(session, accountId, root) is null)
                    {
                        return new Fault(KoCode.NoSuchFolder, "the key's root");
                    }

                    var made = Within(asking.Bounds, wish);
                    return made.IsFault ? made.Fault : Issue(session, accountId, made.Value, AuditEvents.KeyMade, asking.Actor);
                },
                cancellationToken);

    public ValueTask<IReadOnlyList<KeyRow>> ListAsync(long accountId, long? before, int most, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => keys.List(session, accountId, before, most), cancellationToken);

    public ValueTask<Outcome<KeyRow>> FindAsync(long accountId, long id, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => Find(session, accountId, id), cancellationToken);

    public async ValueTask<Outcome<KeyRow>> RenameAsync(long accountId, long id, string? name, Actor actor, CancellationToken cancellationToken) =>
        NameFault(name) is { } fault
            ? fault
            : await catalog.WriteAsync(
                session => Find(session, accountId, id).Map(key =>
                {
                    keys.Rename(session, key, name!);
                    Note(session, AuditEvents.KeyRenamed, key with { Name = name! }, actor);
                    return key with { Name = name! };
                }),
                cancellationToken);

    /// <summary>Ends a key now, and what waits to take over from it. One that has ended already stays as it is.</summary>
    public async ValueTask<Outcome<KeyRow>> RevokeAsync(long accountId, long id, Actor actor, CancellationToken cancellationToken) =>
        await catalog.WriteAsync(
            session => Find(session, accountId, id).Map(key =>
            {
                End(session, key, actor);
                return keys.Find(session, accountId, id)!;
            }),
            cancellationToken);

    /// <summary>Ends whatever keys somebody holds: whoever has a key may always end it. Its owner is told.</summary>
    /// <param name="texts">Whole keys.</param>
    /// <param name="actor">Who holds them.</param>
    /// <param name="cancellationToken">Gives up before the change begins.</param>
    /// <returns>How many were live, and how many have the form of a key but are no live one.</returns>
    public async ValueTask<(int Revoked, int Others)> RevokeHeldAsync(IReadOnlyCollection<string> texts, Actor actor, CancellationToken cancellationToken)
    {
        var whole = texts.Where(ApiKey.IsWellFormed).Distinct(StringComparer.Ordinal).ToList();
        var held = await catalog.ReadAsync(session => whole.Select(text => keys.FindByText(session, text)).OfType<KeyRow>().ToList(), cancellationToken);
        var live = held.Where(key => key.StateAt(clock.GetUtcNow()) is KeyState.Active or KeyState.Pending).ToList();
        var revoked = live.Count == 0
            ? 0
            : await catalog.WriteAsync(session => live.Count(key => GiveUp(session, key, actor)), cancellationToken);
        if (revoked > 0)
        {
            mail.Raise();
        }

        return (revoked, whole.Count - revoked);
    }

    /// <summary>Puts a new key in the place of an old one.</summary>
    /// <param name="accountId">Whose.</param>
    /// <param name="asking">Who asks for it.</param>
    /// <param name="id">The old key.</param>
    /// <param name="grace">How long the old one lives on after the first use of the new one; null: it ends now.</param>
    /// <param name="cancellationToken">Gives up before the change begins.</param>
    public async ValueTask<Outcome<IssuedKey>> ReplaceAsync(
        long accountId, Asking asking, long id, TimeSpan? grace, CancellationToken cancellationToken)
    {
        if (grace < TimeSpan.Zero || grace > MaxGrace)
        {
            return new Fault(KoCode.BadParameter, $"the old key lives on for 0 to {MaxGrace.TotalSeconds:0} seconds");
        }

        return await catalog.WriteAsync<Outcome<IssuedKey>>(
            session =>
            {
                var found = Find(session, accountId, id);
                if (found.IsFault)
                {
                    return found.Fault;
                }

                var old = found.Value;
                if (old.StateAt(clock.GetUtcNow()) is KeyState.Revoked or KeyState.Expired)
                {
                    return new Fault(KoCode.BadParameter, "this key has ended: make a new one");
                }

                var rights = Cut(session, accountId, old.Rights);
                if (asking.Bounds is { } bounds && (!Covers(bounds.Rights, rights) || (bounds.EndsAt is { } end && !(old.ExpiresAt <= end))))
                {
                    return new Fault(KoCode.NotAllowed, "the key to be replaced may do more than the one that asks");
                }

                if (grace is null)
                {
                    End(session, old, asking.Actor);
                }
                else
                {
                    EndPending(session, old, asking.Actor);
                }

                var wish = new NewKey(old.Name, rights, old.ExpiresAt) { Replaces = grace is null ? null : old.Id, Grace = grace };
                return Issue(session, accountId, wish, grace is null ? AuditEvents.KeyRegenerated : AuditEvents.KeyRotated, asking.Actor);
            },
            cancellationToken);
    }

    /// <summary>Makes a key, in the transaction of whoever decided that it may be.</summary>
    internal Outcome<IssuedKey> Issue(CatalogSession session, long accountId, NewKey wish, string happened, Actor actor)
    {
        if (keys.CountLive(session, accountId) >= _most)
        {
            return new Fault(KoCode.TooManyItems, $"an account has at most {_most} keys: revoke some");
        }

        var rights = Cut(session, accountId, wish.Rights);
        if (rights.Scopes == KeyScopes.None)
        {
            return new Fault(KoCode.NotAllowed, "the account's role allows none of these scopes");
        }

        var issued = keys.Issue(session, accountId, wish with { Rights = rights });
        Note(session, happened, issued.Row, actor);
        return issued;
    }

    /// <summary>A key has no scope that its account's role does not allow when it is made: a promotion later on must not widen it.</summary>
    private KeyRights Cut(CatalogSession session, long accountId, KeyRights rights) =>
        rights with { Scopes = RoleName.Cut(rights.Scopes, accounts.Find(session, accountId)?.Role ?? Role.Member) };

    /// <summary>Ends a key, and what waits to take over from it; false if it had ended before.</summary>
    internal bool End(CatalogSession session, KeyRow key, Actor actor, string happened = AuditEvents.KeyRevoked)
    {
        EndPending(session, key, actor);
        if (!keys.Revoke(session, key))
        {
            return false;
        }

        Note(session, happened, key, actor);
        return true;
    }

    /// <summary>Ends what waits to take over from a key.</summary>
    private void EndPending(CatalogSession session, KeyRow key, Actor actor)
    {
        foreach (var pending in keys.ListPending(session, key))
        {
            keys.Revoke(session, pending);
            Note(session, AuditEvents.KeyRevoked, pending, actor);
        }
    }

    private bool GiveUp(CatalogSession session, KeyRow key, Actor actor)
    {
        if (!End(session, key, actor, AuditEvents.KeyGivenUp))
        {
            return false;
        }

        mail.AddSecurity(
            session, key.AccountId, "An API key of yours was revoked",
            $"Somebody who holds your API key '{key.Name}' ({key.Masked}) has revoked it, from {actor.Address?.ToString() ?? "the server's command line"}. Others may have it too: it may have been published. It does not work any more; make a new one, and look at what the old one was used for.");
        return true;
    }

    internal void Note(CatalogSession session, string happened, KeyRow key, Actor actor) =>
        audit.Add(session, new AuditEvent(happened, actor, key.AccountId) { Detail = Describe(key) });

    /// <summary>What the audit log says of a key.</summary>
    internal static JsonObject Describe(KeyRow key)
    {
        var detail = new JsonObject { ["key_id"] = key.Id, ["name"] = key.Name, ["hint"] = key.Masked, ["scopes"] = string.Join(',', KeyScopeNames.Of(key.Rights.Scopes)) };
        if (key.Rights.RootId != Folder.RootId)
        {
            detail["root_folder_id"] = key.Rights.RootId;
        }

        if (key.Rights.Networks.Count > 0)
        {
            detail["networks"] = key.Rights.NetworksText;
        }

        if (key.Replaces is { } old)
        {
            detail["replaces"] = old;
        }

        return detail;
    }

    private Outcome<KeyRow> Find(CatalogSession session, long accountId, long id) =>
        keys.Find(session, accountId, id) is { } key ? key : new Fault(KoCode.NotFound);

    private Fault? Judge(KeyWish wish)
    {
        if (NameFault(wish.Name) is { } fault)
        {
            return fault;
        }

        if (wish.Scopes == KeyScopes.None)
        {
            return new Fault(KoCode.BadParameter, $"scopes are some of {string.Join(", ", KeyScopeNames.All)}");
        }

        if (wish.RootFolderId is not null && (wish.Scopes & ~KeyScopes.Files) != KeyScopes.None)
        {
            return new Fault(
                KoCode.BadParameter, $"a key with a root folder has no scopes but {string.Join(", ", KeyScopeNames.Of(KeyScopes.Files))}: the others reach the whole account");
        }

        if (wish.Networks.Count > MaxNetworks)
        {
            return new Fault(KoCode.BadParameter, $"at most {MaxNetworks} networks");
        }

        if (wish.CallsPerSecond is < 1 or > MaxRate)
        {
            return new Fault(KoCode.BadParameter, $"calls per second are 1 to {MaxRate}");
        }

        return wish.ExpiresAt <= clock.GetUtcNow() ? new Fault(KoCode.BadParameter, "the key would have expired already") : null;
    }

    private static Fault? NameFault(string? name) =>
        name is { Length: > 0 and <= MaxName } && !name.Any(char.IsControl)
            ? null
            : new Fault(KoCode.BadParameter, $"a key's name has 1 to {MaxName} characters");

    /// <summary>The wish with what it leaves open set to what the asking key has; a fault if it asks for more.</summary>
    private static Outcome<NewKey> Within(KeyBounds? asking, KeyWish wish)
    {
        var rights = new KeyRights(wish.Scopes, wish.RootFolderId ?? Folder.RootId, wish.Networks, wish.CallsPerSecond);
        var end = wish.ExpiresAt;
        if (asking is not null)
        {
            rights = rights with
            {
                Networks = rights.Networks.Count == 0 ? asking.Rights.Networks : rights.Networks,
                CallsPerSecond = rights.CallsPerSecond ?? asking.Rights.CallsPerSecond,
            };
            end ??= asking.EndsAt;
            if (!Covers(asking.Rights, rights) || end > asking.EndsAt)
            {
                return new Fault(KoCode.NotAllowed, "a key cannot make one that may do more than it may itself, from elsewhere, faster, or longer");
            }
        }

        return new NewKey(wish.Name!, rights, end);
    }

    /// <summary>Whether one key may do all that another may.</summary>
    private static bool Covers(KeyRights strong, KeyRights weak) =>
        (weak.Scopes & ~strong.Scopes) == KeyScopes.None
        && (strong.RootId == Folder.RootId || strong.RootId == weak.RootId)
        && (strong.Networks.Count == 0
            || (weak.Networks.Count > 0 && weak.Networks.All(inner => strong.Networks.Any(outer => outer.PrefixLength <= inner.PrefixLength && outer.Contains(inner.BaseAddress)))))
        && (strong.CallsPerSecond is not { } most || weak.CallsPerSecond <= most);
}
