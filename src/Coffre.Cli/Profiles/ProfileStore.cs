using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Cli.Running;

namespace Coffre.Cli.Profiles;

/// <summary>An account that was logged in to.</summary>
/// <param name="Url">Address of the service that the key belongs to. The key goes nowhere else.</param>
internal sealed record Profile(string Url)
{
    /// <summary>The key, in clear, where the user chose that; null: it lies in the keyring.</summary>
    public string? Key { get; init; }

    /// <summary>The key that shall follow, while it is not yet seen to work.</summary>
    public string? NextKey { get; init; }
}

/// <summary>What the file holds.</summary>
internal sealed record ProfileBook
{
    public int Version { get; init; } = 1;

    /// <summary>Profile of paths that name none.</summary>
    public string? Default { get; init; }

    public SortedDictionary<string, Profile> Profiles { get; init; } = new(StringComparer.Ordinal);
}

/// <summary>Keeps profiles in a file that only its owner can read: the keys themselves are not in it, unless the user chose that.</summary>
internal sealed class ProfileStore(Surroundings world)
{
    private ProfileBook? _book;

    /// <summary><c>$XDG_CONFIG_HOME/coffre/profiles.json</c>, or its place on other systems.</summary>
    public string Path
    {
        get
        {
            var folder = world.Variable("XDG_CONFIG_HOME") is { Length: > 0 } config && System.IO.Path.IsPathRooted(config) ? config
                : OperatingSystem.IsWindows() ? world.Variable("APPDATA")
                : world.Variable("HOME") is { Length: > 0 } home ? System.IO.Path.Combine(home, ".config") : null;
            return System.IO.Path.Combine(
                folder ?? throw CliException.Usage("There is no place to keep profiles.", "set HOME or XDG_CONFIG_HOME"), "coffre", "profiles.json");
        }
    }

    /// <summary>What is stored; an empty book if nothing is.</summary>
    public ProfileBook Read()
    {
        if (_book is not null)
        {
            return _book;
        }

        var path = Path;
        try
        {
            using var file = File.OpenRead(path);
            _book = JsonSerializer.Deserialize(file, ProfileJson.Default.ProfileBook) ?? new ProfileBook();
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            _book = new ProfileBook();
        }
        catch (JsonException exception)
        {
            throw new CliException(ExitCode.Usage, "configuration", $"{path} cannot be read: {exception.Message}", "mend it, or remove it and log in again");
        }

        return _book;
    }

    /// <summary>Takes the file from others who may read or write it; true if there were any.</summary>
    /// <exception cref="CliException">It cannot be taken from them.</exception>
    public bool CloseToOthers()
    {
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(Path) & ~(Own | UnixFileMode.UserExecute)) == UnixFileMode.None)
        {
            return false;
        }

        try
        {
            File.SetUnixFileMode(Path, Own);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, "configuration", $"{Path} holds keys and can be read by others: {exception.Message}", "run chmod 600 on it");
        }
    }

    /// <summary>The profile whose service answers to that host; null if there is none.</summary>
    public string? FindByHost(string host) => Read().Profiles
        .Where(pair => Uri.TryCreate(pair.Value.Url, UriKind.Absolute, out var url) && IsSameService(url.Host, host))
        .Select(pair => pair.Key)
        .OrderByDescending(name => string.Equals(name, Read().Default, StringComparison.Ordinal))
        .FirstOrDefault();

    /// <summary>Replaces the file as a whole, so that a crash leaves the old one or the new one.</summary>
    public void Write(ProfileBook book)
    {
        var path = Path;
        var folder = System.IO.Path.GetDirectoryName(path)!;
        var temporary = $"{path}.{System.IO.Path.GetRandomFileName()}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (var file = new FileStream(temporary, options))
            {
                JsonSerializer.Serialize(file, book, ProfileJson.Default.ProfileBook);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }

        _book = book;
    }

    private static bool IsSameService(string one, string other) =>
        string.Equals(one, other, StringComparison.OrdinalIgnoreCase)
        || (IsFichier(one) && IsFichier(other));

    private static bool IsFichier(string host) =>
        host.Equals("1fichier.com", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".1fichier.com", StringComparison.OrdinalIgnoreCase);
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProfileBook))]
internal sealed partial class ProfileJson : JsonSerializerContext;
