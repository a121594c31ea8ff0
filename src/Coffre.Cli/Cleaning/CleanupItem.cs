using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Client;

namespace Coffre.Cli.Cleaning;

/// <summary>A folder that a cleanup looks into.</summary>
/// <param name="Place">As the user would write it.</param>
/// <param name="Path">Below where it began; empty at the top.</param>
/// <param name="Node">What it holds.</param>
/// <param name="Above">The folder that holds it; null at the top.</param>
internal sealed record CleanupFolder(RemotePlace Place, string Path, RemoteNode Node, CleanupFolder? Above);

/// <summary>A file that a rule is about, and what becomes of it.</summary>
internal sealed class CleanupItem(CleanupFolder folder, string name, RemoteFile file)
{
    public CleanupFolder Folder => folder;

    public string Name => name;

    public RemoteFile File => file;

    public string Path => folder.Path.Length == 0 ? name : folder.Path + "/" + name;

    /// <summary>The date that counts.</summary>
    public DateTimeOffset Date { get; set; }

    public bool IsDatedByName { get; set; }

    /// <summary>Null where the file belongs to none: then nothing guards it.</summary>
    public string? Series { get; set; }

    public bool Goes { get; set; }

    /// <summary>Whether a rule asks for it to stay, whatever room it takes.</summary>
    public bool IsKept { get; set; }

    public string Reason { get; set; } = "";

    public void Decide(bool goes, string reason) => (Goes, Reason) = (goes, reason);

    public CleanupResult Result(string rule) => new()
    {
        Action = Goes ? "remove" : "keep",
        Path = folder.Place.Below(name).ToString(),
        Size = file.Size,
        Date = Date,
        DateFrom = IsDatedByName ? "name" : "arrival",
        Series = Series,
        Reason = Reason,
        Rule = rule,
        Link = file.Link,
    };
}

/// <summary>What a cleanup is going to do with a file, and why.</summary>
internal sealed record CleanupResult : Result
{
    /// <summary><c>keep</c> or <c>remove</c>.</summary>
    public required string Action { get; init; }

    public required string Path { get; init; }

    public required long Size { get; init; }

    public required DateTimeOffset Date { get; init; }

    /// <summary><c>name</c> or <c>arrival</c>.</summary>
    public required string DateFrom { get; init; }

    public string? Series { get; init; }

    public required string Reason { get; init; }

    /// <summary>The rule that is about the file: its words, or where it stands.</summary>
    public required string Rule { get; init; }

    public required string Link { get; init; }

    public override string? Line(TextStyle style) => $"{Action,-6}  {style.Date(Date)}  {style.Size(Size),10}  {TextStyle.Shown(Path)}  ({TextStyle.Shown(Reason)})";

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CleanupJson.Default.CleanupResult);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CleanupResult))]
internal sealed partial class CleanupJson : JsonSerializerContext;
