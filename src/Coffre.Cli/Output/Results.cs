using System.Text.Json;
using System.Text.Json.Serialization;

namespace Coffre.Cli.Output;

/// <summary>One thing that a command found or did: a line of text, or an object of JSON.</summary>
internal abstract record Result
{
    /// <summary>What stands on the line; null for nothing.</summary>
    public abstract string? Line(TextStyle style);

    public abstract void Write(Utf8JsonWriter writer);
}

/// <summary>A remote file or folder.</summary>
internal sealed record EntryResult : Result
{
    /// <summary><c>file</c> or <c>folder</c>.</summary>
    public required string Type { get; init; }

    public required string Path { get; init; }

    public required string Name { get; init; }

    public long? Size { get; init; }

    public DateTimeOffset? Date { get; init; }

    public string? Link { get; init; }

    public string? Checksum { get; init; }

    public string? ContentType { get; init; }

    public long? FolderId { get; init; }

    public bool? HasPassword { get; init; }

    /// <summary>What the line shows instead of the name (<c>tree</c>, <c>ls -R</c>).</summary>
    [JsonIgnore]
    public string? Drawn { get; init; }

    public override string? Line(TextStyle style)
    {
        var shown = Drawn ?? TextStyle.Shown(Name) + (Type is "folder" ? "/" : "");
        return style.IsLong
            ? $"{(Size is { } size ? style.Size(size) : "-"),12}  {(Date is { } date ? style.Date(date) : "-"),-16}  {shown}"
            : shown;
    }

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.EntryResult);
}

/// <summary>What a folder holds with all below.</summary>
internal sealed record UsageResult : Result
{
    public required string Path { get; init; }

    public required long FolderId { get; init; }

    public required long Files { get; init; }

    public required long Size { get; init; }

    public override string? Line(TextStyle style) => $"{style.Size(Size),12}  {Files,10}  {TextStyle.Shown(Path)}";

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.UsageResult);
}

/// <summary>A file that went up or down, or did not.</summary>
internal sealed record TransferResult : Result
{
    /// <summary><c>uploaded</c>, <c>downloaded</c>, <c>skipped</c>, <c>failed</c>.</summary>
    public required string Action { get; init; }

    public required string Source { get; init; }

    public required string Destination { get; init; }

    public long? Size { get; init; }

    public string? Link { get; init; }

    public string? Checksum { get; init; }

    public long? ResumedFrom { get; init; }

    /// <summary>Bytes that came over the network in this run.</summary>
    public long? Received { get; init; }

    /// <summary>Why it was skipped.</summary>
    public string? Reason { get; init; }

    public ErrorReport? Error { get; init; }

    // The result of putting a file is its link, also when it was there already; the rest says nothing, as in cp.
    public override string? Line(TextStyle style) => style.IsLong && Action is not "failed"
        ? $"{Action,-10}  {(Size is { } size ? style.Size(size) : "-"),10}  {TextStyle.Shown(Destination)}{(Link is null ? "" : "  " + Link)}"
        : style.ShowsLinks && Action is "uploaded" or "skipped" ? Link : null;

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.TransferResult);
}

/// <summary>Something that was made, copied, moved or removed on the service.</summary>
internal sealed record ChangeResult : Result
{
    /// <summary><c>created</c>, <c>exists</c>, <c>copied</c>, <c>moved</c>, <c>removed</c>, <c>skipped</c>.</summary>
    public required string Action { get; init; }

    public required string Type { get; init; }

    public required string Path { get; init; }

    public string? To { get; init; }

    public string? Link { get; init; }

    public long? FolderId { get; init; }

    public override string? Line(TextStyle style) =>
        style.IsLong ? $"{Action} {TextStyle.Shown(Path)}{(To is null ? "" : " -> " + TextStyle.Shown(To))}" : null;

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.ChangeResult);
}

/// <summary>A handful of named values.</summary>
internal abstract record FactsResult : Result
{
    public override string? Line(TextStyle style)
    {
        var facts = Facts(style).Where(fact => fact.Value is not null).ToArray();
        var width = facts.Length == 0 ? 0 : facts.Max(fact => fact.Name.Length);
        return string.Join('\n', facts.Select(fact => $"{(fact.Name + ":").PadRight(width + 1)} {TextStyle.Shown(fact.Value!)}"));
    }

    protected abstract IEnumerable<(string Name, string? Value)> Facts(TextStyle style);
}

/// <summary>The link of a file.</summary>
internal sealed record LinkResult(string Path, string Link) : Result
{
    /// <summary>The one that was made for it now.</summary>
    public string? Password { get; init; }

    public bool? HasPassword { get; init; }

    public bool? IsRestricted { get; init; }

    /// <summary>The one that ended.</summary>
    public string? OldLink { get; init; }

    public override string? Line(TextStyle style) => style.IsLong && HasPassword is not null
        ? $"{Link}  {(HasPassword is true ? "password" : IsRestricted is true ? "rules" : "open"),-8}  {TextStyle.Shown(Path)}"
        : Link;

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.LinkResult);
}

/// <summary><c>version</c>.</summary>
internal sealed record VersionResult(string Version, string Runtime, bool Native) : Result
{
    public override string? Line(TextStyle style) => $"coffre {Version} ({Runtime}{(Native ? ", native" : "")})";

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.VersionResult);
}

/// <summary>What went wrong, in every JSON answer.</summary>
internal sealed record ErrorReport(string Code, string Message, string? Advice, int ExitCode)
{
    public int? HttpStatus { get; init; }

    public int? Ko { get; init; }

    public string? RequestId { get; init; }

    public bool Transient { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EntryResult))]
[JsonSerializable(typeof(UsageResult))]
[JsonSerializable(typeof(TransferResult))]
[JsonSerializable(typeof(ChangeResult))]
[JsonSerializable(typeof(LinkResult))]
[JsonSerializable(typeof(VersionResult))]
[JsonSerializable(typeof(FileFacts))]
[JsonSerializable(typeof(FolderFacts))]
[JsonSerializable(typeof(QuotaFacts))]
[JsonSerializable(typeof(LoginFacts))]
[JsonSerializable(typeof(KeyResult))]
[JsonSerializable(typeof(SecretResult))]
[JsonSerializable(typeof(RevokedFacts))]
[JsonSerializable(typeof(KeyHitResult))]
[JsonSerializable(typeof(RemoteUrlResult))]
[JsonSerializable(typeof(RemoteRequestResult))]
[JsonSerializable(typeof(Commands.ExportFacts))]
[JsonSerializable(typeof(ErrorReport))]
internal sealed partial class CliJson : JsonSerializerContext;
