using System.Text.Json.Serialization;

namespace Coffre.Protocol.V1;

/// <summary><c>user/info.cgi</c>: shows the account; any setting in the body changes it.</summary>
public sealed record UserInfoRequest : V1Request
{
    [JsonPropertyName("ftp_mode")]
    public int? FtpMode { get; init; }

    [JsonPropertyName("ftp_did")]
    public long? FtpDid { get; init; }

    [JsonPropertyName("ftp_report")]
    public int? FtpReport { get; init; }

    [JsonPropertyName("ru_report")]
    public int? RuReport { get; init; }

    [JsonPropertyName("default_domain")]
    public int? DefaultDomain { get; init; }

    [JsonPropertyName("page_limit")]
    public int? PageLimit { get; init; }

    [JsonPropertyName("default_port")]
    public int? DefaultPort { get; init; }

    [JsonPropertyName("default_port_files")]
    public int? DefaultPortFiles { get; init; }

    [JsonPropertyName("use_cdn")]
    public int? UseCdn { get; init; }

    [JsonPropertyName("download_menu")]
    public int? DownloadMenu { get; init; }
}

/// <summary>The account. Which fields are text and which are numbers is what rclone's strict decoder takes.</summary>
public sealed record UserInfoAnswer : V1Answer
{
    [JsonPropertyName("email")]
    public string? Email { get; init; }

    /// <summary>"0" free, "1" premium, "2" access, "3" gold.</summary>
    [JsonPropertyName("offer")]
    [JsonConverter(typeof(LooseStringConverter))]
    public string? Offer { get; init; }

    [JsonPropertyName("2fa")]
    [JsonConverter(typeof(LooseStringConverter))]
    public string? TwoFactor { get; init; }

    [JsonPropertyName("subscription_end")]
    [JsonConverter(typeof(LooseStringConverter))]
    public string? SubscriptionEnd { get; init; }

    /// <summary>Credits in GB, a decimal number.</summary>
    [JsonPropertyName("cdn")]
    [JsonConverter(typeof(LooseStringConverter))]
    public string? Cdn { get; init; }

    [JsonPropertyName("use_cdn")]
    [JsonConverter(typeof(LooseStringConverter))]
    public string? UseCdn { get; init; }

    [JsonPropertyName("mail_rm")]
    [JsonConverter(typeof(LooseStringConverter))]
    public string? MailRm { get; init; }

    [JsonPropertyName("default_port")]
    [JsonConverter(typeof(LooseStringConverter))]
    public string? DefaultPort { get; init; }

    [JsonPropertyName("default_port_files")]
    [JsonConverter(typeof(LooseStringConverter))]
    public string? DefaultPortFiles { get; init; }

    [JsonPropertyName("download_menu")]
    [JsonConverter(typeof(LooseStringConverter))]
    public string? DownloadMenu { get; init; }

    [JsonPropertyName("ftp_mode")]
    [JsonConverter(typeof(LooseStringConverter))]
    public string? FtpMode { get; init; }

    [JsonPropertyName("ftp_report")]
    [JsonConverter(typeof(LooseStringConverter))]
    public string? FtpReport { get; init; }

    [JsonPropertyName("ru_report")]
    [JsonConverter(typeof(LooseStringConverter))]
    public string? RuReport { get; init; }

    [JsonPropertyName("upload_forbidden")]
    [JsonConverter(typeof(LooseStringConverter))]
    public string? UploadForbidden { get; init; }

    [JsonPropertyName("stats_date")]
    [JsonConverter(typeof(LooseStringConverter))]
    public string? StatsDate { get; init; }

    [JsonPropertyName("ftp_did")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long FtpDid { get; init; }

    [JsonPropertyName("default_domain")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int DefaultDomain { get; init; }

    [JsonPropertyName("page_limit")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int PageLimit { get; init; }

    [JsonPropertyName("overquota")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int OverQuota { get; init; }

    [JsonPropertyName("default_quota")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long DefaultQuota { get; init; }

    [JsonPropertyName("default_cold_storage_quota")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long DefaultColdStorageQuota { get; init; }

    /// <summary>Bytes allowed.</summary>
    [JsonPropertyName("allowed_cold_storage")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long AllowedColdStorage { get; init; }

    /// <summary>Bytes allowed in all, as rclone reads it: it shows this as the total.</summary>
    [JsonPropertyName("available_cold_storage")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long AvailableColdStorage { get; init; }

    /// <summary>Bytes left.</summary>
    [JsonPropertyName("available_storage")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long AvailableStorage { get; init; }

    [JsonPropertyName("hot_storage")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long HotStorage { get; init; }

    /// <summary>Bytes used, as rclone reads it.</summary>
    [JsonPropertyName("cold_storage")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long ColdStorage { get; init; }
}
