using Coffre.Server.Door;

namespace Coffre.Server.Downloads;

/// <summary>What this room consists of.</summary>
internal static class DownloadsRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<DownloadDesk>().AddSingleton<BodyCopy>().AddSingleton<HandOver>().AddEndpoints<TokenEndpoints>().AddEndpoints<DownloadEndpoints>();
}
