using Coffre.Server.Door;

namespace Coffre.Server.Remote;

/// <summary>What this room consists of.</summary>
internal static class RemoteRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<RemoteTable>().AddSingleton<RemoteSignal>().AddSingleton<RemoteDesk>().AddSingleton<INameResolver, SystemResolver>()
            .AddSingleton<SourceConnector>().AddSingleton<HttpSource>().AddSingleton<FtpSource>().AddSingleton<RemoteReport>().AddSingleton<RemoteJob>()
            .AddHostedService<RemoteWorker>().AddEndpoints<RemoteEndpoints>();
}
