using System.Security.Cryptography;
using Coffre.Server.Accounts;

namespace Coffre.Server.Vouchers;

/// <summary>The right to extend one subscription, once.</summary>
/// <param name="Code">32 characters; whoever has it has the right.</param>
/// <param name="Tier">Of the subscription.</param>
/// <param name="Days">How long, 1 or more.</param>
/// <param name="ExpiresAt">When it must have been used; null: never.</param>
/// <param name="IsOpen">Neither used, nor revoked, nor expired.</param>
internal sealed record Voucher(string Code, Tier Tier, int Days, DateTimeOffset? ExpiresAt, bool IsOpen)
{
    public const int CodeLength = 32;

    public string Service => TierName.Service(Tier, Days);

    public static string NewCode() => RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", CodeLength);

    /// <summary>What the subscription becomes; null if the voucher is of no use to it.</summary>
    public Subscription? Extend(Subscription old, DateTimeOffset now)
    {
        if (old.At(now) == Tier.Free)
        {
            return new Subscription(Tier, now.AddDays(Days));
        }

        // Another tier would end the one that was paid for, and one without an end needs none.
        return old.Tier == Tier && old.Until is { } end ? new Subscription(Tier, end.AddDays(Days)) : null;
    }
}
