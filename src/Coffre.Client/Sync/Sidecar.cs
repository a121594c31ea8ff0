using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Coffre.Client.Sync;

/// <summary>
/// What a remote folder cannot hold by itself: times, modes and true names of its files, files without content, true names of its
/// folders. A small file of JSON in that folder, which others may ignore or remove.
/// </summary>
internal sealed record Sidecar
{
    /// <summary>Its name in each folder.</summary>
    public const string FileName = ".coffre-sidecar";

    /// <summary>What is longer is not read.</summary>
    public const int MostBytes = 64 * 1024 * 1024;

    public const int CurrentVersion = 1;

    private const string Kind = "sidecar";
    private const string AboutText = "Times, modes and true names of the files in this folder, kept by coffre for sync. Without it they are lost, the files are not.";

    public string Coffre { get; init; } = "";

    public int Version { get; init; }

    public string? About { get; init; }

    /// <summary>Permissions of the folder itself, octal.</summary>
    public string? Mode { get; init; }

    public IReadOnlyList<SidecarFile> Files { get; init; } = [];

    public IReadOnlyList<SidecarFolder> Folders { get; init; } = [];

    public static Sidecar Of(int? mode, IEnumerable<SidecarFile> files, IEnumerable<SidecarFolder> folders) => new()
    {
        Coffre = Kind,
        Version = CurrentVersion,
        About = AboutText,
        Mode = ModeText(mode),
        Files = [.. files.OrderBy(file => file.Name, StringComparer.Ordinal)],
        Folders = [.. folders.OrderBy(folder => folder.Name, StringComparer.Ordinal)],
    };

    /// <exception cref="FormatException">This is no sidecar, or one of a newer version; the message says which.</exception>
    public static Sidecar Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, SidecarJson.Default.Sidecar) switch
            {
                { Coffre: Kind, Version: CurrentVersion } sidecar when HasNames(sidecar) => sidecar with { Files = sidecar.Files ?? [], Folders = sidecar.Folders ?? [] },
                { Coffre: Kind, Version: > CurrentVersion } newer => throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"it is of version {newer.Version}, and this coffre knows {CurrentVersion}")),
                _ => throw new FormatException("it is not one of coffre"),
            };
        }
        catch (JsonException exception)
        {
            throw new FormatException("it is damaged, or not one of coffre", exception);
        }
    }

    // A list that is missing is null here, whatever its type says.
    private static bool HasNames(Sidecar sidecar) =>
        (sidecar.Files ?? []).All(file => file is { Name: not null }) && (sidecar.Folders ?? []).All(folder => folder is { Name: not null, As: not null });

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, SidecarJson.Default.Sidecar);

    public static string? ModeText(int? mode) => mode is { } known ? "0" + Convert.ToString(known, 8).PadLeft(3, '0') : null;

    public static int? ModeOf(string? text) =>
        text is { Length: > 0 and <= 6 } && text.All(digit => digit is >= '0' and <= '7') ? Convert.ToInt32(text, 8) & 0x1FF : null;
}

/// <summary>What is known of one file. It counts for that size and content only.</summary>
internal sealed record SidecarFile
{
    private const int MarkDigits = 32;

    /// <summary>The true name; what is no valid text stands in <see cref="Name16"/>.</summary>
    public string Name { get; init; } = "";

    /// <summary>The true name as UTF-16 in base 64, where it has halves of characters.</summary>
    public string? Name16 { get; init; }

    /// <summary>Name on the service; null: that of <see cref="NameEncoding"/>.</summary>
    public string? As { get; init; }

    public long Size { get; init; }

    /// <summary>The first 32 digits of its Whirlpool; null for a file that is here alone, being empty.</summary>
    public string? Whirlpool { get; init; }

    public DateTimeOffset? Modified { get; init; }

    /// <summary>Permissions, octal.</summary>
    public string? Mode { get; init; }

    /// <summary>Whether the file has no content, and the service did not want it.</summary>
    public bool Empty { get; init; }

    [JsonIgnore]
    public string TrueName => Name16 is null ? Name : NameText.Read(Name16) ?? Name;

    public static string MarkOf(string checksum) => checksum[..MarkDigits];

    public bool CountsFor(RemoteFile file) => !Empty && file.Size == Size && file.Checksum is { } checksum && Whirlpool is { Length: MarkDigits } mark
        && checksum.StartsWith(mark, StringComparison.Ordinal);
}

/// <summary>A folder whose name the service cannot hold.</summary>
internal sealed record SidecarFolder
{
    public string Name { get; init; } = "";

    public string? Name16 { get; init; }

    /// <summary>Name on the service.</summary>
    public string As { get; init; } = "";

    [JsonIgnore]
    public string TrueName => Name16 is null ? Name : NameText.Read(Name16) ?? Name;
}

/// <summary>Names that are no valid Unicode: JSON cannot hold them.</summary>
internal static class NameText
{
    /// <summary>The name as UTF-16 in base 64 if it has halves of characters; null if JSON holds it as it is.</summary>
    public static string? Write(string name) =>
        name.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar) && name != Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name))
            ? Convert.ToBase64String(System.Runtime.InteropServices.MemoryMarshal.AsBytes(name.AsSpan()))
            : null;

    public static string? Read(string text)
    {
        try
        {
            var bytes = Convert.FromBase64String(text);
            return bytes.Length % 2 == 0 ? new string(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, char>(bytes)) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(Sidecar))]
internal sealed partial class SidecarJson : JsonSerializerContext;
