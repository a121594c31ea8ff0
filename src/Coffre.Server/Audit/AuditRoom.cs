using Coffre.Server.Door;

namespace Coffre.Server.Audit;

/// <summary>What this room consists of.</summary>
internal static class AuditRoom
{
    public static void Add(IServiceCollection services, AuditSecret secret) =>
        services.AddSingleton(secret).AddSingleton<AuditTable>().AddSingleton<Refusals>().AddEndpoints<AuditEndpoints>()
            .AddHostedService(provider => provider.GetRequiredService<Refusals>());
}
