using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Door;

namespace Coffre.Server.Accounts;

/// <summary>Bytes of an account's quota that are set aside for one upload, so that uploads side by side cannot pass it together.</summary>
internal sealed class QuotaLease : IAsyncDisposable
{
    private const long Step = 64L << 20;
    private readonly CatalogStore _catalog;
    private readonly AccountTable _accounts;
    private readonly long _accountId;

    private QuotaLease(CatalogStore catalog, AccountTable accounts, long accountId) =>
        (_catalog, _accounts, _accountId) = (catalog, accounts, accountId);

    /// <summary>Bytes set aside and not yet settled.</summary>
    public long Reserved { get; private set; }

    /// <summary>Sets aside what an upload announces.</summary>
    /// <param name="catalog">Where quotas live.</param>
    /// <param name="accounts">Their statements.</param>
    /// <param name="accountId">Whose quota.</param>
    /// <param name="announced">Length of the request's body, if known.</param>
    /// <param name="overhead">How much of that may be form rather than files.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    public static async Task<Outcome<QuotaLease>> OpenAsync(
        CatalogStore catalog, AccountTable accounts, long accountId, long? announced, long overhead, CancellationToken cancellationToken)
    {
        var lease = new QuotaLease(catalog, accounts, accountId);
        if (announced > 0)
        {
            lease.Reserved = await catalog.WriteAsync(session => accounts.Reserve(session, accountId, announced.Value), cancellationToken);
        }

        if (announced - overhead > lease.Reserved)
        {
            await lease.DisposeAsync();
            return new Fault(KoCode.QuotaExceeded);
        }

        return lease;
    }

    /// <summary>Whether <paramref name="total"/> bytes fit; sets more aside if need be.</summary>
    public async ValueTask<bool> CoversAsync(long total, CancellationToken cancellationToken)
    {
        if (total > Reserved)
        {
            await GrowAsync(total - Reserved, cancellationToken);
        }

        return total <= Reserved;
    }

    /// <summary>Turns the reservation into usage, inside the transaction that names the files.</summary>
    public void Settle(CatalogSession session, long used)
    {
        _accounts.Settle(session, _accountId, Reserved, used);
    }

    /// <summary>The same where the bytes come to lie in another's folder: they are that account's, if its quota takes them.</summary>
    public Fault? SettleAt(CatalogSession session, long ownerId, long used)
    {
        if (ownerId == _accountId)
        {
            Settle(session, used);
            return null;
        }

        if (!_accounts.TryUse(session, ownerId, used))
        {
            return new Fault(KoCode.QuotaExceeded, "of the folder's owner");
        }

        Settle(session, used: 0);
        return null;
    }

    /// <summary>After the transaction that settled has been committed: nothing is left to give back.</summary>
    public void Settled() => Reserved = 0;

    public async ValueTask DisposeAsync()
    {
        if (Reserved > 0)
        {
            var reserved = Reserved;
            Reserved = 0;
            await _catalog.WriteAsync(
                session =>
                {
                    _accounts.Settle(session, _accountId, reserved, used: 0);
                    return true;
                },
                CancellationToken.None);
        }
    }

    private async Task GrowAsync(long needed, CancellationToken cancellationToken) =>
        Reserved += await _catalog.WriteAsync(session => _accounts.ReserveStep(session, _accountId, needed, Step), cancellationToken);
}
