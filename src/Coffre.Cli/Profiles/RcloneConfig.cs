using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Coffre.Cli.Running;
using Coffre.Protocol;

namespace Coffre.Cli.Profiles;

/// <summary>The remotes of type <c>fichier</c> in a configuration file of rclone.</summary>
internal sealed class RcloneConfig
{
    private const string RemoteType = "fichier";
    private const string Encrypted = "RCLONE_ENCRYPT_V";

    private readonly SortedDictionary<string, string?> _keys;

    private RcloneConfig(string path, SortedDictionary<string, string?> keys) => (Path, _keys) = (path, keys);

    public string Path { get; }

    /// <param name="world">Where <c>RCLONE_CONFIG</c> and the home folder are asked for.</param>
    /// <param name="given">The file; null for the place where rclone keeps it.</param>
    public static RcloneConfig Open(Surroundings world, string? given)
    {
        var path = given ?? Places(world).FirstOrDefault(File.Exists)
            ?? throw CliException.NotFound("There is no rclone.conf where rclone keeps it.", "name it with --config (rclone config file tells where it is)");
        try
        {
            var lines = File.ReadAllLines(path);
            return lines.Any(line => line.StartsWith(Encrypted, StringComparison.Ordinal))
                ? throw new CliException(ExitCode.Usage, "configuration", $"{path} is encrypted, and coffre does not ask for its password.", "pipe the key instead (rclone config show REMOTE shows it): coffre auth login")
                : new RcloneConfig(path, Read(lines));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw CliException.NotFound($"{path} does not exist.", "name the file with --config (rclone config file tells where it is)");
        }
    }

    /// <summary>A remote and the text of its key.</summary>
    public (string Name, string Key) Find(string? remote)
    {
        var name = remote?.TrimEnd(':');
        if (name is null)
        {
            name = _keys.Count == 1 ? _keys.Keys.First()
                : throw CliException.Usage(
                    _keys.Count == 0 ? $"{Path} has no remote of type {RemoteType}." : $"{Path} has several remotes of type {RemoteType}: {string.Join(", ", _keys.Keys)}.",
                    _keys.Count == 0 ? "use coffre auth login" : "name one of them");
        }

        return !_keys.TryGetValue(name, out var key) ? throw CliException.NotFound($"{Path} has no remote '{name}' of type {RemoteType}.", "rclone listremotes --long shows what there is")
            : key is { Length: > 0 } ? (name, key)
            : throw CliException.Usage($"The remote '{name}' has no api_key.", "use coffre auth login");
    }

    /// <summary>The key itself. rclone writes it in clear; a file that somebody obscured by hand is read too.</summary>
    public static string Reveal(string text)
    {
        if (ApiKey.Judge(text.Trim()) is KeyForm.Coffre or KeyForm.Foreign)
        {
            return text;
        }

        try
        {
            var bytes = Base64Url.DecodeFromChars(text.Trim());
            var revealed = bytes.Length > Block ? Encoding.UTF8.GetString(Unmask(bytes)) : "";
            return ApiKey.Judge(revealed) is KeyForm.Coffre or KeyForm.Foreign ? revealed : text;
        }
        catch (FormatException)
        {
            return text;
        }
    }

    private const int Block = 16;

    // The key of rclone obscure, the same in every rclone: it hides a text from eyes, no more.
    private static readonly byte[] ObscureKey = Convert.FromHexString("9c935b48730a554d6bfd7c63c886a92bd390198eb8128afbf4de162b8b95f638");

    /// <summary>AES in counter mode: the counter's first value, then the text.</summary>
    private static byte[] Unmask(ReadOnlySpan<byte> masked)
    {
        using var aes = Aes.Create();
        aes.Key = ObscureKey;
        var counter = BinaryPrimitives.ReadUInt128BigEndian(masked);
        var text = masked[Block..].ToArray();
        Span<byte> block = stackalloc byte[Block];
        for (var i = 0; i < text.Length; i++)
        {
            if (i % Block == 0)
            {
                BinaryPrimitives.WriteUInt128BigEndian(block, counter++);
                aes.EncryptEcb(block, block, PaddingMode.None);
            }

            text[i] ^= block[i % Block];
        }

        return text;
    }

    private static IEnumerable<string> Places(Surroundings world)
    {
        if (world.Variable("RCLONE_CONFIG") is { Length: > 0 } named)
        {
            yield return named;
        }

        if (world.Variable("APPDATA") is { Length: > 0 } roaming)
        {
            yield return System.IO.Path.Combine(roaming, "rclone", "rclone.conf");
        }

        if (world.Variable("XDG_CONFIG_HOME") is { Length: > 0 } config)
        {
            yield return System.IO.Path.Combine(config, "rclone", "rclone.conf");
        }

        if (world.Variable("HOME") is { Length: > 0 } home)
        {
            yield return System.IO.Path.Combine(home, ".config", "rclone", "rclone.conf");
            yield return System.IO.Path.Combine(home, ".rclone.conf");
        }
    }

    private static SortedDictionary<string, string?> Read(string[] lines)
    {
        var sections = new SortedDictionary<string, (string? Type, string? Key)>(StringComparer.Ordinal);
        string? section = null;
        foreach (var line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] is not ('#' or ';')))
        {
            if (line[0] == '[' && line[^1] == ']')
            {
                section = line[1..^1];
                sections.TryAdd(section, default);
            }
            else if (section is not null && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
            {
                var value = line[(equals + 1)..].Trim();
                sections[section] = line[..equals].Trim() switch
                {
                    "type" => (value, sections[section].Key),
                    "api_key" => (sections[section].Type, value),
                    _ => sections[section],
                };
            }
        }

        var keys = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, (type, key)) in sections.Where(pair => pair.Value.Type is RemoteType))
        {
            keys[name] = key;
        }

        return keys;
    }
}
