using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Coffre.Client;

/// <summary>The account behind the key, and how full it is. All sizes in bytes.</summary>
public sealed record AccountInfo
{
    /// <summary>Address of the owner.</summary>
    public string? Email { get; init; }

    /// <summary><c>free</c>, <c>premium</c>, <c>access</c>, <c>gold</c>, or the service's own number.</summary>
    public required string Tier { get; init; }

    /// <summary>When the subscription ends; null if it does not or the service does not say.</summary>
    public DateTimeOffset? SubscriptionEnd { get; init; }

    /// <summary>Bytes that may be stored; null if no limit is known.</summary>
    public long? Allowed { get; init; }

    /// <summary>Bytes that count against <see cref="Allowed"/>.</summary>
    public long Used { get; init; }

    /// <summary>Bytes that do not count, because they were fetched lately (1fichier.com only).</summary>
    public long Hot { get; init; }

    /// <summary>Bytes left; null if no limit is known. Never negative.</summary>
    public long? Free => Allowed is { } allowed ? Math.Max(0, allowed - Used) : null;

    /// <summary>Whether the account holds more than it may.</summary>
    public bool IsOverQuota { get; init; }

    /// <summary>Whether uploads are refused for now.</summary>
    public bool IsUploadForbidden { get; init; }

    /// <summary>Credits for downloads over the CDN, in GB (a decimal number as text); null if none are known.</summary>
    public string? CdnCredits { get; init; }

    /// <summary>When the figures were computed; null if the service does not say.</summary>
    public DateTimeOffset? ComputedAt { get; init; }

    /// <summary>When the service was asked.</summary>
    public DateTimeOffset AskedAt { get; init; }

    internal static AccountInfo From(UserInfoAnswer answer)
    {
        var allowed = Math.Max(answer.AllowedColdStorage, answer.AvailableColdStorage);
        return new AccountInfo
        {
            Email = answer.Email,
            Tier = answer.Offer switch { null or "" or "0" => "free", "1" => "premium", "2" => "access", "3" => "gold", var other => other },
            SubscriptionEnd = ParisTime.TryParse(answer.SubscriptionEnd, out var end) ? end : null,
            Allowed = allowed > 0 ? allowed : null,
            Used = answer.ColdStorage,
            Hot = answer.HotStorage,
            IsOverQuota = answer.OverQuota != 0,
            IsUploadForbidden = answer.UploadForbidden is not (null or "" or "0"),
            CdnCredits = string.IsNullOrEmpty(answer.Cdn) ? null : answer.Cdn,
            ComputedAt = ParisTime.TryParse(answer.StatsDate, out var computed) ? computed : null,
        };
    }
}
