using Coffre.Server.Settings;
using Microsoft.AspNetCore.HttpOverrides;

namespace Coffre.Server.Limits;

/// <summary>What this room consists of.</summary>
internal static class LimitsRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<LockTable>().AddSingleton<LockBook>().AddSingleton<FloodGate>().AddSingleton<Locations>()
            .AddHostedService(provider => provider.GetRequiredService<LockBook>());

    /// <summary>Who is asking, as trusted proxies tell it.</summary>
    public static void UseProxies(WebApplication app, ServerSettings settings)
    {
        var networks = LimitSettings.Networks(settings);
        if (networks.Count == 0)
        {
            app.UseMiddleware<ProxyWatch>();
            return;
        }

        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in networks)
        {
            options.KnownIPNetworks.Add(network);
        }

        app.UseForwardedHeaders(options);
    }
}
