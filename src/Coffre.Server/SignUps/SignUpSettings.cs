using Coffre.Server.Accounts;
using Coffre.Server.Settings;

namespace Coffre.Server.SignUps;

/// <summary>What an operator may set about sign-ups.</summary>
internal static class SignUpSettings
{
    public const string Off = "off";
    public const string ByInvitation = "invitation";
    public const string Open = "open";

    public static readonly Setting Mode = Setting.Choice(
        "Accounts:SignUp", Off, "Who may make an account for himself: nobody, whoever has an invitation, or anybody.", Off, ByInvitation, Open);

    public static readonly Setting NewTier = Setting.Choice("Accounts:SignUpTier", TierName.Of(Tier.Free), "Tier of who signs up.", TierName.All);

    public static readonly Setting Quota = Setting.Bytes("Accounts:SignUpQuota", "10GB", 0, 1L << 50, "Quota of who signs up.");

    public static IReadOnlyList<Setting> All { get; } = [Mode, NewTier, Quota];
}
