using System.Globalization;

namespace Coffre.Server.Accounts;

/// <summary>What an account has subscribed to. The number is the <c>offer</c> of <c>user/info.cgi</c>.</summary>
internal enum Tier
{
    Free = 0,
    Premium = 1,
    Access = 2,
    Gold = 3,
}

internal static class TierName
{
    public static readonly string[] All = ["free", "premium", "access", "gold"];

    public static Tier Parse(string name) => Enum.Parse<Tier>(name, ignoreCase: true);

    public static string Of(Tier tier) => All[(int)tier];

    /// <summary>For people: <c>Premium, 30 days</c>.</summary>
    public static string Service(Tier tier, int days) => string.Create(CultureInfo.InvariantCulture, $"{tier}, {days} {(days == 1 ? "day" : "days")}");
}

/// <summary>A tier and when it ends.</summary>
/// <param name="Tier">As it was given.</param>
/// <param name="Until">UTC; null: it does not end.</param>
internal sealed record Subscription(Tier Tier, DateTimeOffset? Until)
{
    /// <summary>What it is worth at a moment: once it has ended, the free tier.</summary>
    public Tier At(DateTimeOffset moment) => Until <= moment ? Tier.Free : Tier;
}
