using System.Text.Json.Serialization;

namespace Coffre.Protocol.V1;

/// <summary><c>vouchers/check.cgi</c>: what a voucher is good for.</summary>
public sealed record VoucherCheckRequest : V1Request
{
    [JsonPropertyName("voucher")]
    public string? Voucher { get; init; }
}

public sealed record VoucherCheckAnswer : V1Answer
{
    /// <summary>For people, e.g. <c>Premium, 30 days</c>.</summary>
    [JsonPropertyName("service")]
    public string? Service { get; init; }
}

/// <summary><c>vouchers/use.cgi</c>: extends a subscription.</summary>
public sealed record VoucherUseRequest : V1Request
{
    [JsonPropertyName("voucher")]
    public string? Voucher { get; init; }

    /// <summary>Whose subscription; absent: the caller's.</summary>
    [JsonPropertyName("user_email")]
    public string? UserEmail { get; init; }
}

/// <summary><c>vouchers/ls.cgi</c>: the vouchers that the caller may hand out.</summary>
public sealed record VoucherLsAnswer : V1Answer
{
    [JsonPropertyName("count")]
    public int Count { get; init; }

    [JsonPropertyName("data")]
    public IReadOnlyList<VoucherItem> Data { get; init; } = [];
}

public sealed record VoucherItem
{
    [JsonPropertyName("voucher")]
    public string Voucher { get; init; } = "";

    [JsonPropertyName("service")]
    public string Service { get; init; } = "";
}
