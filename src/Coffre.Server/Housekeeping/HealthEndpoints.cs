using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Settings;
using Coffre.Server.Uploads;

namespace Coffre.Server.Housekeeping;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: catalog and disk do too.</summary>
internal sealed class HealthEndpoints(CatalogStore catalog, FreeSpace space, ServerSettings settings) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Map("/healthz", (HttpContext http) => http.Response.WriteAsync("ok\n"));
        routes.Map("/readyz", ReadyAsync);
    }

    private async Task ReadyAsync(HttpContext http)
    {
        await catalog.ReadAsync(session => session.Number("select 1"), http.RequestAborted);
        var hasRoom = space.IsEnoughFor(0);
        http.Response.StatusCode = hasRoom ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await http.Response.WriteAsync(
            $"{(hasRoom ? "ok" : "the disk is full")}\ndurability: {settings.Text(SettingList.Durability)}\n");
    }
}
