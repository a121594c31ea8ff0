using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Keys;

namespace Coffre.Server.SignUps;

/// <summary>The statements on invitations.</summary>
internal sealed class InvitationTable(KeyDigest digest, IdSource ids, TimeProvider clock)
{
    private const string Columns = "id, email, made_at, ends_at, revoked_at, used_at, used_by";

    /// <param name="session">The writer's.</param>
    /// <param name="email">Whom it is for; null: whoever has it.</param>
    /// <param name="madeBy">The admin's account; null: the operator.</param>
    /// <param name="life">How long it is good for.</param>
    public IssuedInvitation Issue(CatalogSession session, string? email, long? madeBy, TimeSpan life)
    {
        var (secret, now) = (SecretText.New(SecretText.Invitation), clock.GetUtcNow());
        var made = new Invitation(ids.Next(), email, now, now + life, null, null, null);
        session.Execute(
            "insert into invitation (id, digest, email, made_by, made_at, ends_at) values (@id, @digest, @email, @by, @now, @ends)",
            ("@id", made.Id), ("@digest", digest.Of(secret)), ("@email", email), ("@by", madeBy), ("@now", Moment.ToCatalog(now)), ("@ends", Moment.ToCatalog(made.EndsAt)));
        return new IssuedInvitation(made, secret);
    }

    public Invitation? Find(CatalogSession session, long id) =>
        session.Find($"select {Columns} from invitation where id = @id", Read, ("@id", id));

    public Invitation? FindByText(CatalogSession session, string? secret) =>
        SecretText.IsWellFormed(secret, SecretText.Invitation)
            ? session.Find($"select {Columns} from invitation where digest = @digest", Read, ("@digest", digest.Of(secret)))
            : null;

    /// <summary>The newest first.</summary>
    public IReadOnlyList<Invitation> List(CatalogSession session, long? before, int most) =>
        [.. session.List($"select {Columns} from invitation where id < @before order by id desc limit @most", Read, ("@before", before ?? long.MaxValue), ("@most", most))];

    /// <summary>False if it was used or revoked already.</summary>
    public bool Revoke(CatalogSession session, long id) =>
        session.Execute(
            "update invitation set revoked_at = @now where id = @id and used_at is null and revoked_at is null",
            ("@now", Moment.ToCatalog(clock.GetUtcNow())), ("@id", id)) == 1;

    /// <summary>It has made its account.</summary>
    public void Use(CatalogSession session, long id, long accountId) =>
        session.Execute(
            "update invitation set used_at = @now, used_by = @account where id = @id", ("@now", Moment.ToCatalog(clock.GetUtcNow())), ("@account", accountId), ("@id", id));

    private static Invitation Read(CatalogRow row) => new(
        row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1), Moment.FromCatalog(row.GetInt64(2)), Moment.FromCatalog(row.GetInt64(3)),
        row.IsDBNull(4) ? null : Moment.FromCatalog(row.GetInt64(4)), row.IsDBNull(5) ? null : Moment.FromCatalog(row.GetInt64(5)),
        row.IsDBNull(6) ? null : row.GetInt64(6));
}
