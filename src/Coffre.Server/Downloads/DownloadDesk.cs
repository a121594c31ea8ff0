using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Keys;

namespace Coffre.Server.Downloads;

/// <summary>Decides whether what a token grants is still granted: the file is there, its account is not suspended, the key behind the token has not ended.</summary>
/// <remarks>What was decided holds while the catalog stays the same, for a second at most: many ranges of one file are one look-up.</remarks>
internal sealed class DownloadDesk(CatalogStore catalog, FileTable files, AccountTable accounts, KeyTable keys, TimeProvider clock)
{
    private const int MostKnown = 10_000;

    private readonly CatalogCache<(long AccountId, long FileId, KeyName? Issuer), Offer> _known = new(catalog, MostKnown, clock);

    public async ValueTask<Outcome<Offer>> FindAsync(DownloadToken token, CancellationToken cancellationToken)
    {
        var name = (token.AccountId, token.FileId, token.Issuer);
        if (_known.Find(name) is { } known)
        {
            return known;
        }

        var version = _known.Version;
        var (file, isLocked, isGood) = await catalog.ReadAsync(
            session => (
                files.Find(session, token.AccountId, token.FileId), accounts.IsSuspended(session, token.AccountId),
                token.Issuer is not { } key || keys.IsGood(session, key)),
            cancellationToken);
        if (file is null || isLocked || !isGood)
        {
            return new Fault(file is null ? KoCode.NotFound : isLocked ? KoCode.AccountSuspended : KoCode.TokenExpired);
        }

        var offer = new Offer(file);
        _known.Keep(name, offer, version);
        return offer;
    }
}
