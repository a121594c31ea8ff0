using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Keys;

namespace Coffre.Server.Accounts;

/// <summary>The statements on what mails carry: secrets of one use that prove that an address is read.</summary>
internal sealed class LetterTable(KeyDigest digest, TimeProvider clock)
{
    /// <summary>Makes one; an earlier one of its kind, of the account or address, is worth nothing any more.</summary>
    public string Issue(CatalogSession session, Letter letter, TimeSpan life)
    {
        var token = SecretText.New(SecretText.Letter);
        session.Execute("delete from letter where ends_at <= @now", ("@now", Now));
        session.Execute(
            "delete from letter where account_id = @account and kind = @kind", ("@account", letter.AccountId), ("@kind", letter.Kind));
        session.Execute(
            "delete from letter where account_id is null and email_key = @key and kind = @kind", ("@key", AccountTable.Key(letter.Email)), ("@kind", letter.Kind));
        session.Execute(
            """
            insert into letter (digest, kind, account_id, email, email_key, invitation_id, ends_at)
            values (@digest, @kind, @account, @email, @key, @invitation, @ends)
            """,
            ("@digest", digest.Of(token)), ("@kind", letter.Kind), ("@account", letter.AccountId), ("@email", letter.Email),
            ("@key", AccountTable.Key(letter.Email)), ("@invitation", letter.InvitationId), ("@ends", Moment.ToCatalog(clock.GetUtcNow() + life)));
        return token;
    }

    /// <summary>What a text stands for; null for one that is unknown, used, replaced or has ended.</summary>
    public Letter? Find(CatalogSession session, string? token, string kind) =>
        SecretText.IsWellFormed(token, SecretText.Letter)
            ? session.Find(
                "select kind, account_id, email, invitation_id from letter where digest = @digest and kind = @kind and ends_at > @now", Read,
                ("@digest", digest.Of(token)), ("@kind", kind), ("@now", Now))
            : null;

    /// <summary>The same, and uses it up.</summary>
    public Letter? Take(CatalogSession session, string? token, string kind)
    {
        var found = Find(session, token, kind);
        if (found is not null)
        {
            session.Execute("delete from letter where digest = @digest", ("@digest", digest.Of(token!)));
        }

        return found;
    }

    /// <summary>Whatever was sent for an account is worth nothing any more.</summary>
    public void DeleteOf(CatalogSession session, long accountId) => session.Execute("delete from letter where account_id = @account", ("@account", accountId));

    private long Now => Moment.ToCatalog(clock.GetUtcNow());

    private static Letter Read(CatalogRow row) =>
        new(row.GetString(0), row.IsDBNull(1) ? null : row.GetInt64(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetInt64(3));
}

/// <summary>What a mail's secret is good for.</summary>
/// <param name="Kind">One of the constants here.</param>
/// <param name="AccountId">Whose; null: an account that is yet to be made.</param>
/// <param name="Email">The address that it was sent to.</param>
/// <param name="InvitationId">The invitation that came with a sign-up.</param>
internal sealed record Letter(string Kind, long? AccountId, string Email, long? InvitationId = null)
{
    /// <summary>Another password, without the old one.</summary>
    public const string Reset = "reset";

    /// <summary>Another e-mail address.</summary>
    public const string NewEmail = "email";

    /// <summary>A new account.</summary>
    public const string SignUp = "sign-up";
}
