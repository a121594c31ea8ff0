namespace Coffre.Server.Keys;

/// <summary>What this room consists of.</summary>
internal static class KeysRoom
{
    public static void Add(IServiceCollection services, byte[] pepper) =>
        services.AddSingleton(new KeyDigest(pepper)).AddSingleton<KeyTable>().AddSingleton<KeyUses>().AddSingleton<KeyDesk>()
            .AddHostedService(provider => provider.GetRequiredService<KeyUses>());
}
