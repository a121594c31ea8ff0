using Coffre.Server.Door;

namespace Coffre.Server.Pages;

/// <summary>What this room consists of.</summary>
internal static class PagesRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddEndpoints<LinkPages>();
}
