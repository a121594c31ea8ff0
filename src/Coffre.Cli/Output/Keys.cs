using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Protocol.Api;

namespace Coffre.Cli.Output;

/// <summary>A key of the account, without its secret.</summary>
/// <param name="Key">What the server tells.</param>
/// <param name="Current">Whether it is the one that asked.</param>
internal sealed record KeyResult(KeyView Key, bool Current) : Result
{
    /// <summary><c>renamed</c>, <c>revoked</c>, ...; null in a list.</summary>
    public string? Action { get; init; }

    public override string? Line(TextStyle style)
    {
        // What a server leaves out comes as nothing at all.
        List<string> more = [string.Join(',', Key.Scopes ?? [])];
        if (Key.RootFolderId != 0)
        {
            more.Add(string.Create(CultureInfo.InvariantCulture, $"folder {Key.RootFolderId}"));
        }

        more.AddRange(Key.Networks ?? []);
        if (Key.Replaces is { } old)
        {
            more.Add(string.Create(CultureInfo.InvariantCulture, $"takes over from {old}"));
        }

        if (Key.ExpiresAt is { } end)
        {
            more.Add("ends " + style.Date(end));
        }

        more.Add(Key.LastUsed is { } use ? $"used {style.Date(use.At)} from {use.Network} by {use.Client}" : "never used");
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{(Current ? '*' : ' ')} {Key.Id,-6}  {Key.Hint,-9}  {Key.State,-8}  {TextStyle.Shown(Key.Name)}  ({TextStyle.Shown(string.Join("; ", more))})");
        return Action is null ? line : $"{Action} {line.TrimStart()}";
    }

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.KeyResult);
}

/// <summary>A key that was made: the one result that shows a secret.</summary>
internal sealed record SecretResult(KeyView Key, string Secret) : Result
{
    public override string? Line(TextStyle style) => Secret;

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.SecretResult);
}

/// <summary><c>keys revoke --stdin</c>.</summary>
internal sealed record RevokedFacts(string Url, int Found, int Revoked) : FactsResult
{
    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.RevokedFacts);

    protected override IEnumerable<(string Name, string? Value)> Facts(TextStyle style) =>
    [
        ("address", Url),
        ("found", Found.ToString(CultureInfo.InvariantCulture)),
        ("revoked", Revoked.ToString(CultureInfo.InvariantCulture)),
    ];
}

/// <summary>A place where a key lies that should not.</summary>
internal sealed record KeyHitResult : Result
{
    /// <summary><c>coffre</c>, <c>1fichier</c>, or <c>1fichier?</c> where nothing but the words around it speaks for it.</summary>
    public required string Kind { get; init; }

    /// <summary>Masked.</summary>
    public required string Key { get; init; }

    /// <summary>The same for the same key, and tells nothing of it: the beginning of its SHA-256.</summary>
    public required string Fingerprint { get; init; }

    public required string File { get; init; }

    /// <summary>From 1.</summary>
    [JsonPropertyName("line")]
    public required long LineNumber { get; init; }

    /// <summary>Where it lies in the history of a repository.</summary>
    public string? Commit { get; init; }

    public override string? Line(TextStyle style) =>
        string.Create(CultureInfo.InvariantCulture, $"{TextStyle.Shown(File)}{(Commit is null ? "" : "@" + Commit)}:{LineNumber}: {Kind} {Key}");

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.KeyHitResult);
}
