using Coffre.Server.Door;

namespace Coffre.Server.Keys;

/// <summary>What this room consists of.</summary>
internal static class KeysRoom
{
    public static void Add(IServiceCollection services, byte[] pepper) =>
        services.AddSingleton(new KeyDigest(pepper)).AddSingleton<KeyTable>().AddSingleton<KeyUses>().AddSingleton<KeyDesk>().AddSingleton<KeyWatch>().AddEndpoints<KeyEndpoints>()
            .AddHostedService(provider => provider.GetRequiredService<KeyUses>()).AddHostedService(provider => provider.GetRequiredService<KeyWatch>());
}
