namespace Coffre.Server.Access;

/// <summary>What this room consists of.</summary>
internal static class AccessRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<Countries>().AddSingleton<LinkGuesses>().AddSingleton<KeyGate>().AddSingleton<SignIn>().AddSingleton<CallerFinder>().AddSingleton<PlaceFinder>().AddSingleton<LinkResolver>();
}
