using Coffre.Server.Catalog;
using Coffre.Server.Keys;

namespace Coffre.Server.Sessions;

/// <summary>The statements on the second step of signing in: sealed secrets of apps, recovery codes.</summary>
internal sealed class TwoStepTable(KeyDigest digest)
{
    /// <summary>The sealed secret that codes are checked with; null: the account signs in by password alone.</summary>
    public byte[]? FindSecret(CatalogSession session, long accountId) => FindBytes(session, "select totp_secret from account where id = @id", accountId);

    /// <summary>The one that waits for its first code.</summary>
    public byte[]? FindWaiting(CatalogSession session, long accountId) => FindBytes(session, "select totp_waiting from account where id = @id", accountId);

    public void SetWaiting(CatalogSession session, long accountId, byte[] sealedSecret) =>
        session.Execute("update account set totp_waiting = @secret where id = @id", ("@secret", sealedSecret), ("@id", accountId));

    /// <summary>The secret that waited is the one that counts from now on.</summary>
    public void Enable(CatalogSession session, long accountId, long step) =>
        session.Execute(
            "update account set totp_secret = totp_waiting, totp_waiting = null, totp_last_step = @step where id = @id", ("@step", step), ("@id", accountId));

    public void Disable(CatalogSession session, long accountId)
    {
        session.Execute("update account set totp_secret = null, totp_waiting = null where id = @id", ("@id", accountId));
        session.Execute("delete from recovery_code where account_id = @id", ("@id", accountId));
    }

    public long LastStep(CatalogSession session, long accountId) =>
        session.Number("select totp_last_step from account where id = @id", ("@id", accountId)) ?? 0;

    public void SetLastStep(CatalogSession session, long accountId, long step) =>
        session.Execute("update account set totp_last_step = @step where id = @id", ("@step", step), ("@id", accountId));

    /// <summary>Puts new recovery codes in the place of all old ones.</summary>
    public void SetRecoveryCodes(CatalogSession session, long accountId, IReadOnlyList<string> codes)
    {
        session.Execute("delete from recovery_code where account_id = @id", ("@id", accountId));
        foreach (var code in codes)
        {
            session.Execute("insert into recovery_code (account_id, digest) values (@id, @digest)", ("@id", accountId), ("@digest", digest.Of(code)));
        }
    }

    /// <summary>Uses a recovery code up; false if it is none.</summary>
    public bool TakeRecoveryCode(CatalogSession session, long accountId, string code) =>
        session.Execute("delete from recovery_code where account_id = @id and digest = @digest", ("@id", accountId), ("@digest", digest.Of(code))) == 1;

    public long CountRecoveryCodes(CatalogSession session, long accountId) =>
        session.Number("select count(*) from recovery_code where account_id = @id", ("@id", accountId)) ?? 0;

    private static byte[]? FindBytes(CatalogSession session, string sql, long accountId) =>
        session.Find(sql, row => row.IsDBNull(0) ? [] : row.GetBytes(0), ("@id", accountId)) is { Length: > 0 } bytes ? bytes : null;
}
