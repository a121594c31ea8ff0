using System.Text.Json;
using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Server.Api;
using Coffre.Server.Catalog;
using Coffre.Server.Door;

namespace Coffre.Server.Audit;

/// <summary><c>GET /api/audit</c>, <c>GET /api/audit/all</c>: what happened. See docs/protocol/api.md.</summary>
internal sealed class AuditEndpoints(ApiDoor door, CatalogStore catalog, AuditTable table) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        door.Map(routes, new ApiRoute("GET", ApiPaths.Audit, "What happened to the account and its keys, the newest first.")
        {
            Name = "listAudit",
            IsListing = true,
        }, call => ListAsync(call, call.Caller.AccountId));
        door.Map(routes, new ApiRoute("GET", ApiPaths.AuditOfAll, "What happened on the server, the newest first. For owners and admins.")
        {
            Name = "listAuditOfAll",
            Scope = KeyScopes.Admin,
            IsListing = true,
        }, call => ListAsync(call, accountId: null));
    }

    private async ValueTask<Outcome<Listing<AuditView>>> ListAsync(ApiCall call, long? accountId)
    {
        var page = call.Page;
        if (page.IsFault)
        {
            return page.Fault;
        }

        var entries = await catalog.ReadAsync(session => table.List(session, accountId, page.Value.Cursor, page.Value.Limit + 1), call.Cancelled);
        return page.Value.Cut(entries, entry => entry.No, ToView);
    }

    /// <summary>The text that is kept has the form that is told.</summary>
    private static AuditView ToView(AuditEntry entry) => JsonSerializer.Deserialize(entry.Body, ApiJson.Default.AuditView)!;
}
