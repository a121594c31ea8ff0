using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Coffre.Client.Sync;

/// <summary>A file of a tree that takes part in a sync.</summary>
/// <param name="Path">Relative to the top, local names with <c>/</c> between them.</param>
/// <param name="Size">Bytes.</param>
internal sealed record SyncFile(string Path, long Size)
{
    /// <summary>Null if nobody knows.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>Unix permissions, the nine lowest bits; null if nobody knows.</summary>
    public int? Mode { get; init; }

    /// <summary>Whirlpool; null if it has to be computed, or nobody knows.</summary>
    public string? Checksum { get; init; }

    /// <summary>Null for local files, and for empty ones that a sidecar stands for.</summary>
    public RemoteFile? Remote { get; init; }

    /// <summary>Null for remote files.</summary>
    public string? LocalPath { get; init; }

    public LocalStamp? Stamp => LocalPath is null || Modified is null ? null : new LocalStamp(Size, Modified.Value);
}

/// <param name="Path">Relative to the top.</param>
internal sealed record SyncFolder(string Path)
{
    /// <summary>What folders have where nothing else is said: <c>rwxr-xr-x</c>.</summary>
    public const int UsualMode = 0x1ED;

    public int? Mode { get; init; }
}

/// <summary>One side of a sync as it was found: pure data.</summary>
internal sealed class SyncTree
{
    public Dictionary<string, SyncFile> Files { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SyncFolder> Folders { get; } = new(StringComparer.Ordinal);

    /// <summary>Older files of names that are there already; only remote folders hold such.</summary>
    public List<SyncFile> Doubles { get; } = [];

    /// <summary>What is neither copied nor deleted, with all below: excluded, unreadable, no file.</summary>
    public HashSet<string> Untouched { get; } = new(StringComparer.Ordinal);

    /// <summary>Folders of which not all that they hold is known: nothing directly in them is deleted on the other side.</summary>
    public HashSet<string> Uncertain { get; } = new(StringComparer.Ordinal);

    /// <summary>What could not be read. Nothing is deleted then.</summary>
    public List<SyncProblem> Problems { get; } = [];

    public long Bytes => Files.Values.Sum(file => file.Size);

    public bool IsUntouched(string path)
    {
        if (Untouched.Count == 0)
        {
            return false;
        }

        for (var end = path.Length; end > 0; end = path.LastIndexOf('/', end - 1))
        {
            if (Untouched.Contains(path[..end]))
            {
                return true;
            }
        }

        return Untouched.Contains("");
    }

    /// <summary>A digest of all that a plan rests on.</summary>
    public string Fingerprint()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Files.Values.Concat(Doubles).OrderBy(file => file.Path, StringComparer.Ordinal).ThenBy(file => file.Remote?.Link, StringComparer.Ordinal))
        {
            Add(string.Create(CultureInfo.InvariantCulture, $"f {file.Path}\0{file.Size} {file.Modified?.UtcTicks} {file.Mode} {file.Remote?.Link} {file.Remote?.Checksum}"));
        }

        foreach (var folder in Folders.Values.OrderBy(folder => folder.Path, StringComparer.Ordinal))
        {
            Add(string.Create(CultureInfo.InvariantCulture, $"d {folder.Path}\0{folder.Mode}"));
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());

        void Add(string line) => digest.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
    }

    public static string ParentOf(string path) => path.LastIndexOf('/') is var slash and >= 0 ? path[..slash] : "";

    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    public static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    /// <summary>The folders above a path, the nearest first, without the top.</summary>
    public static IEnumerable<string> Above(string path)
    {
        for (var at = ParentOf(path); at.Length > 0; at = ParentOf(at))
        {
            yield return at;
        }
    }
}

/// <summary>Something that could not be read or compared.</summary>
/// <param name="Path">Relative to the top; empty for the top itself.</param>
/// <param name="Trouble">Why.</param>
internal sealed record SyncProblem(string Path, Exception Trouble);
