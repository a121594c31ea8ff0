using Coffre.Server.Door;

namespace Coffre.Server.Keys;

/// <summary>What this room consists of.</summary>
internal static class KeysRoom
{
    public static void Add(IServiceCollection services, byte[] pepper, ViewAgainKey viewAgain) =>
        services.AddSingleton(new KeyDigest(pepper)).AddSingleton(viewAgain).AddSingleton<KeyTable>().AddSingleton<KeyUses>().AddSingleton<KeyDesk>().AddSingleton<AccountKeyDesk>().AddSingleton<KeyWatch>().AddEndpoints<KeyEndpoints>().AddEndpoints<AccountKeyEndpoints>()
            .AddHostedService(provider => provider.GetRequiredService<KeyUses>()).AddHostedService(provider => provider.GetRequiredService<KeyWatch>());
}
