using Coffre.Server.Door;

namespace Coffre.Server.Sharing;

/// <summary>What this room consists of.</summary>
internal static class SharingRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<ShareTable>().AddSingleton<GroupTable>().AddSingleton<ShareDesk>().AddEndpoints<ShareEndpoints>().AddEndpoints<CheckLinksEndpoint>();
}
