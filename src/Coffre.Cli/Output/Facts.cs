using System.Globalization;
using System.Text.Json;

namespace Coffre.Cli.Output;

/// <summary><c>info</c> of a file.</summary>
internal sealed record FileFacts : FactsResult
{
    public string Type { get; } = "file";

    public required string Name { get; init; }

    public string? Path { get; init; }

    public required long Size { get; init; }

    public DateTimeOffset? Date { get; init; }

    public required string Link { get; init; }

    public string? Checksum { get; init; }

    public string? ContentType { get; init; }

    public string? Description { get; init; }

    public bool HasPassword { get; init; }

    public bool IsRestricted { get; init; }

    public bool IsInline { get; init; }

    public long? FolderId { get; init; }

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.FileFacts);

    protected override IEnumerable<(string Name, string? Value)> Facts(TextStyle style) =>
    [
        ("name", Name),
        ("path", Path),
        ("size", style.Size(Size) + (style.IsRaw ? "" : string.Create(CultureInfo.InvariantCulture, $" ({Size} bytes)"))),
        ("date", Date is { } date ? style.Date(date) : null),
        ("link", Link),
        ("whirlpool", Checksum),
        ("type", ContentType),
        ("note", Description),
        ("access", (HasPassword, IsRestricted) switch { (true, true) => "password, restricted", (true, _) => "password", (_, true) => "restricted", _ => null }),
    ];
}

/// <summary><c>info</c> of a folder.</summary>
internal sealed record FolderFacts : FactsResult
{
    public string Type { get; } = "folder";

    public required string Path { get; init; }

    public required long FolderId { get; init; }

    public required int Folders { get; init; }

    public required int Files { get; init; }

    /// <summary>Bytes of the files directly in it.</summary>
    public required long Size { get; init; }

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.FolderFacts);

    protected override IEnumerable<(string Name, string? Value)> Facts(TextStyle style) =>
    [
        ("folder", Path),
        ("id", FolderId.ToString(CultureInfo.InvariantCulture)),
        ("holds", string.Create(CultureInfo.InvariantCulture, $"{Folders} folders, {Files} files ({style.Size(Size)})")),
    ];
}

/// <summary><c>quota</c>.</summary>
internal sealed record QuotaFacts : FactsResult
{
    public string? Email { get; init; }

    public required string Tier { get; init; }

    public required long Used { get; init; }

    public long? Allowed { get; init; }

    public long? Free { get; init; }

    public long? Hot { get; init; }

    /// <summary>Bytes that count against the quota of 1fichier.com, because nobody fetched them lately; null elsewhere.</summary>
    public long? Cold { get; init; }

    public bool OverQuota { get; init; }

    public bool UploadForbidden { get; init; }

    public string? CdnCreditsGb { get; init; }

    public DateTimeOffset? SubscriptionEnd { get; init; }

    public DateTimeOffset? ComputedAt { get; init; }

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.QuotaFacts);

    protected override IEnumerable<(string Name, string? Value)> Facts(TextStyle style) =>
    [
        ("account", Email),
        ("tier", Tier),
        ("used", style.Size(Used)),
        ("allowed", Allowed is { } allowed ? style.Size(allowed) : "no limit known"),
        ("free", Free is { } free ? style.Size(free) : null),
        ("hot", Hot is { } hot and > 0 ? style.Size(hot) : null),
        ("cold", Cold is { } cold ? style.Size(cold) : null),
        ("state", OverQuota ? "over quota" : UploadForbidden ? "uploads are refused for now" : null),
        ("CDN", CdnCreditsGb is null or "0" or "0.00" ? null : CdnCreditsGb + " GB"),
        ("ends", SubscriptionEnd is { } end ? style.Date(end) : null),
        ("as of", ComputedAt is { } at ? style.Date(at) : null),
    ];
}

/// <summary><c>auth login</c>, <c>auth status</c>, <c>auth logout</c>.</summary>
internal sealed record LoginFacts : FactsResult
{
    public string? Profile { get; init; }

    public string? Url { get; init; }

    /// <summary>Where the key comes from.</summary>
    public string? KeyFrom { get; init; }

    /// <summary>Masked.</summary>
    public string? Key { get; init; }

    /// <summary>What the service calls the key; null where it does not say.</summary>
    public string? KeyName { get; init; }

    public IReadOnlyList<string>? Scopes { get; init; }

    public DateTimeOffset? KeyExpiresAt { get; init; }

    /// <summary><c>works</c>, <c>stored</c>, <c>moved</c>, <c>already there</c>, <c>removed</c>, <c>refused</c>.</summary>
    public required string State { get; init; }

    public string? StoredIn { get; init; }

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.LoginFacts);

    protected override IEnumerable<(string Name, string? Value)> Facts(TextStyle style) =>
    [
        ("profile", Profile),
        ("address", Url),
        ("key", Key is null ? null : $"{Key}, from {KeyFrom}"),
        ("its name", KeyName),
        ("may", Scopes is null ? null : string.Join(", ", Scopes)),
        ("ends", KeyExpiresAt is { } end ? style.Date(end) : null),
        ("stored in", StoredIn),
        ("state", State),
    ];
}
