using Coffre.Server.Door;

namespace Coffre.Server.Housekeeping;

/// <summary>What this room consists of.</summary>
internal static class HousekeepingRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<FreedSignal>().AddSingleton<Sweeper>().AddHostedService<SweepTask>().AddEndpoints<HealthEndpoints>();
}
