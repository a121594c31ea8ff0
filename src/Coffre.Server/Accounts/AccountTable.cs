using System.Text.Json;
using Coffre.Server.Catalog;

namespace Coffre.Server.Accounts;

/// <summary>The statements on accounts, their usage and their sequence of changes.</summary>
internal sealed class AccountTable(TimeProvider clock)
{
    private const string Columns = "id, email, tier, tier_until, quota_bytes, used_bytes, reserved_bytes, suspended, created_at, preferences, role, "
        + "password is not null, totp_secret is not null, deleted_at is not null";

    public long Insert(CatalogSession session, string email, Tier tier, long quotaBytes, Role role = Role.Member) =>
        session.Number(
            """
            insert into account (email, email_key, tier, quota_bytes, created_at, role)
            values (@email, @key, @tier, @quota, @now, @role) returning id
            """,
            ("@email", email), ("@key", Key(email)), ("@tier", TierName.Of(tier)), ("@quota", quotaBytes), ("@role", RoleName.Of(role)),
            ("@now", Moment.ToCatalog(clock.GetUtcNow())))!.Value;

    public Account? Find(CatalogSession session, long id) =>
        session.Find($"select {Columns} from account where id = @id", Read, ("@id", id));

    public Account? FindByEmail(CatalogSession session, string email) =>
        session.Find($"select {Columns} from account where email_key = @key and deleted_at is null", Read, ("@key", Key(email)));

    public IReadOnlyList<Account> List(CatalogSession session) =>
        [.. session.List($"select {Columns} from account where deleted_at is null order by id", Read)];

    /// <summary>Some of them, the oldest first.</summary>
    public IReadOnlyList<Account> ListPage(CatalogSession session, long? after, int most) =>
    [
        .. session.List(
            $"select {Columns} from account where deleted_at is null and id > @after order by id limit @most", Read, ("@after", after ?? 0), ("@most", most)),
    ];

    /// <summary>The oldest owner's account; null if there is none.</summary>
    public Account? FindOwner(CatalogSession session) =>
        session.Find($"select {Columns} from account where role = 'owner' and deleted_at is null order by id limit 1", Read);

    /// <summary>Owners who can act.</summary>
    public long CountOwners(CatalogSession session) =>
        session.Number("select count(*) from account where role = 'owner' and suspended = 0 and deleted_at is null") ?? 0;

    public void SetEmail(CatalogSession session, long id, string email) =>
        session.Execute("update account set email = @email, email_key = @key where id = @id", ("@email", email), ("@key", Key(email)), ("@id", id));

    /// <summary>The digest of an account's password; null if there is no such account or it has none.</summary>
    public KeptPassword? FindPassword(CatalogSession session, string email)
    {
        var digest = session.Find(
            "select password from account where email_key = @key and password is not null", row => row.GetString(0), ("@key", Key(email)));
        return digest is null ? null : new KeptPassword(FindByEmail(session, email)!, digest);
    }

    /// <param name="session">The writer's.</param>
    /// <param name="id">The account.</param>
    /// <param name="digest">Null takes the password away.</param>
    public void SetPassword(CatalogSession session, long id, string? digest) =>
        session.Execute("update account set password = @digest where id = @id", ("@digest", digest), ("@id", id));

    /// <summary>Whether its keys are refused, and its files not given out.</summary>
    public bool IsSuspended(CatalogSession session, long id) =>
        session.Number("select suspended from account where id = @id", ("@id", id)) is not 0;

    public void Update(CatalogSession session, long id, long quotaBytes, bool suspended) =>
        session.Execute(
            "update account set quota_bytes = @quota, suspended = @suspended where id = @id",
            ("@quota", quotaBytes), ("@suspended", suspended ? 1 : 0), ("@id", id));

    public void SetRole(CatalogSession session, long id, Role role) =>
        session.Execute("update account set role = @role where id = @id", ("@role", RoleName.Of(role)), ("@id", id));

    public void Subscribe(CatalogSession session, long id, Subscription subscription) =>
        session.Execute(
            "update account set tier = @tier, tier_until = @until where id = @id",
            ("@tier", TierName.Of(subscription.Tier)), ("@until", Moment.ToCatalog(subscription.Until)), ("@id", id));

    /// <summary>What the two columns <c>tier</c> and <c>tier_until</c> say, wherever they are read.</summary>
    public static Subscription ReadSubscription(CatalogRow row, int column) =>
        new(TierName.Parse(row.GetString(column)), row.IsDBNull(column + 1) ? null : Moment.FromCatalog(row.GetInt64(column + 1)));

    public void SetPreferences(CatalogSession session, long id, Preferences preferences) =>
        session.Execute(
            "update account set preferences = @preferences where id = @id",
            ("@preferences", JsonSerializer.Serialize(preferences, PreferencesJson.Default.Preferences)), ("@id", id));

    /// <summary>Sets bytes aside, as many of <paramref name="wanted"/> as the quota leaves; returns how many.</summary>
    public long Reserve(CatalogSession session, long id, long wanted)
    {
        var left = session.Number("select quota_bytes - used_bytes - reserved_bytes from account where id = @id", ("@id", id)) ?? 0;
        var granted = Math.Clamp(left, 0, wanted);
        session.Execute("update account set reserved_bytes = reserved_bytes + @granted where id = @id", ("@granted", granted), ("@id", id));
        return granted;
    }

    /// <summary>
    /// Sets <paramref name="needed"/> bytes aside, and up to <paramref name="step"/> if there is plenty: of what is left never more than a
    /// sixteenth, so that one upload of unknown length does not starve those beside it. Returns how many.
    /// </summary>
    public long ReserveStep(CatalogSession session, long id, long needed, long step)
    {
        var left = session.Number("select quota_bytes - used_bytes - reserved_bytes from account where id = @id", ("@id", id)) ?? 0;
        return Reserve(session, id, Math.Max(needed, Math.Min(step, left / 16)));
    }

    /// <summary>Gives back <paramref name="reserved"/> bytes and counts <paramref name="used"/> (negative: freed) as used.</summary>
    public void Settle(CatalogSession session, long id, long reserved, long used) =>
        session.Execute(
            "update account set reserved_bytes = reserved_bytes - @reserved, used_bytes = used_bytes + @used where id = @id",
            ("@reserved", reserved), ("@used", used), ("@id", id));

    /// <summary>Counts bytes as used, if the quota takes all of them; false: nothing was changed.</summary>
    public bool TryUse(CatalogSession session, long id, long bytes)
    {
        var granted = Reserve(session, id, bytes);
        var fits = granted == bytes;
        Settle(session, id, granted, fits ? bytes : 0);
        return fits;
    }

    /// <summary>Opens the counts of an account for a group of uploads; null if there is no such account.</summary>
    public AccountLedger? OpenLedger(CatalogSession session, long id) =>
        session.Find(
            "select quota_bytes - used_bytes - reserved_bytes, change_no, suspended, preferences from account where id = @id",
            row => new AccountLedger(id, row.GetInt64(0), row.GetInt64(1)) { IsSuspended = row.GetInt64(2) != 0, Preferences = ReadPreferences(row, 3) },
            ("@id", id));

    /// <summary>Writes down what came to a ledger.</summary>
    public void CloseLedger(CatalogSession session, AccountLedger ledger) =>
        session.Execute(
            "update account set used_bytes = used_bytes + @used, reserved_bytes = reserved_bytes - @returned, change_no = change_no + @changes where id = @id",
            ("@used", ledger.Used), ("@returned", ledger.Returned), ("@changes", ledger.Changes), ("@id", ledger.Id));

    /// <summary>Reservations live as long as the process that made them.</summary>
    public void DropReservations(CatalogSession session) =>
        session.Execute("update account set reserved_bytes = 0 where reserved_bytes <> 0");

    /// <summary>Writes down what happened, under the account's next change number.</summary>
    public void AddChange(CatalogSession session, long id, Change change)
    {
        var number = session.Number("update account set change_no = change_no + 1 where id = @id returning change_no", ("@id", id));
        InsertChange(session, id, number!.Value, change);
    }

    /// <summary>The same where the account's ledger is open.</summary>
    public void AddChange(CatalogSession session, AccountLedger ledger, Change change) =>
        InsertChange(session, ledger.Id, ledger.NextChange(), change);

    /// <summary>Addresses that differ only in case are one.</summary>
    public static string Key(string email) => email.Trim().ToUpperInvariant();

    private void InsertChange(CatalogSession session, long id, long number, Change change) =>
        session.Execute(
            "insert into change (account_id, no, kind, folder_id, file_id, name, at) values (@account, @no, @kind, @folder, @file, @name, @at)",
            ("@account", id), ("@no", number), ("@kind", change.Kind), ("@folder", change.FolderId), ("@file", change.FileId),
            ("@name", change.Name), ("@at", Moment.ToCatalog(clock.GetUtcNow())));

    private static Preferences ReadPreferences(CatalogRow row, int column) =>
        JsonSerializer.Deserialize(row.Utf8(column), PreferencesJson.Default.Preferences) ?? new Preferences();

    private static Account Read(CatalogRow row) => new(
        row.GetInt64(0), row.GetString(1), ReadSubscription(row, 2), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6),
        row.GetInt64(7) != 0, Moment.FromCatalog(row.GetInt64(8)),
        ReadPreferences(row, 9), RoleName.Parse(row.GetString(10)))
    {
        HasPassword = row.GetInt64(11) != 0,
        HasTwoStep = row.GetInt64(12) != 0,
        IsDeleted = row.GetInt64(13) != 0,
    };
}

/// <summary>An account and the digest of its password.</summary>
internal sealed record KeptPassword(Account Account, string Digest);

/// <summary>One entry of an account's change feed.</summary>
internal sealed record Change(string Kind, long? FolderId = null, long? FileId = null, string? Name = null);
