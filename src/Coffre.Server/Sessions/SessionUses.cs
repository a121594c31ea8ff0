using Coffre.Server.Access;
using Coffre.Server.Catalog;
using Coffre.Server.Keys;

namespace Coffre.Server.Sessions;

/// <summary>Writes down when and from where sessions are used: coarse, at most once a minute for each.</summary>
internal sealed class SessionUses(CatalogStore catalog, SessionTable sessions, TimeProvider clock)
{
    private static readonly TimeSpan Grain = TimeSpan.FromMinutes(1);

    public async ValueTask NoteAsync(Caller caller, HttpContext http)
    {
        var use = KeyUses.Describe(http, clock.GetUtcNow());
        if (use.At - caller.LastUsedAt >= Grain)
        {
            await catalog.WriteAsync(
                session =>
                {
                    sessions.Use(session, caller.AccountId, caller.SessionId, use);
                    return true;
                },
                CancellationToken.None);
        }
    }
}
