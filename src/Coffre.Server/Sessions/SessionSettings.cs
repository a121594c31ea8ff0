using Coffre.Server.Settings;

namespace Coffre.Server.Sessions;

/// <summary>What an operator may set about sessions.</summary>
internal static class SessionSettings
{
    public static readonly Setting IdleSeconds = Setting.Number(
        "Sessions:IdleSeconds", 7 * 86_400, 60, 365 * 86_400, "How long a session lives after its last use.");

    public static readonly Setting MostSeconds = Setting.Number(
        "Sessions:MostSeconds", 30 * 86_400, 60, 365 * 86_400, "How long a session lives at most.");

    public static readonly Setting PerAccount = Setting.Number(
        "Sessions:PerAccount", 50, 1, 1000, "How many sessions an account may have; one more ends the one that was used least recently.");

    public static IReadOnlyList<Setting> All { get; } = [IdleSeconds, MostSeconds, PerAccount];
}
