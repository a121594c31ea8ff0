using Coffre.Server.Door;

namespace Coffre.Server.Sessions;

/// <summary>What this room consists of.</summary>
internal static class SessionsRoom
{
    public static void Add(IServiceCollection services, byte[] boxKey) =>
        services.AddSingleton(new SecretBox(boxKey)).AddSingleton<SessionTable>().AddSingleton<ChallengeTable>().AddSingleton<TwoStepTable>()
            .AddSingleton<SessionUses>().AddSingleton<TwoStepCheck>().AddSingleton<SessionDesk>().AddSingleton<TwoStepDesk>()
            .AddEndpoints<SessionEndpoints>().AddEndpoints<TwoStepEndpoints>();
}
