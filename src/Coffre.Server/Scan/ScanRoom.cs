using Coffre.Server.Door;

namespace Coffre.Server.Scan;

/// <summary>What this room consists of.</summary>
internal static class ScanRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<ScanTable>().AddSingleton<ClamdClient>().AddSingleton<ScanDesk>().AddEndpoints<ScanEndpoints>();
}
