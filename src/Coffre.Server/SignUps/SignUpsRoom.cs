using Coffre.Server.Door;

namespace Coffre.Server.SignUps;

/// <summary>What this room consists of.</summary>
internal static class SignUpsRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<InvitationTable>().AddSingleton<InvitationDesk>().AddSingleton<SignUpDesk>().AddEndpoints<SignUpEndpoints>();
}
