using System.Buffers.Binary;

namespace Coffre.Compat.Fixture;

/// <summary>What lies in a server's data folder, seen from outside (docs/storage.md).</summary>
public static class DataFolder
{
    /// <summary>Bytes on their way in.</summary>
    public static IReadOnlyList<string> Staging(string data) => Files(Path.Combine(data, "store", "staging"));

    /// <summary>Blobs that were kept: files of their own, and records in segments that have no tombstone.</summary>
    public static IReadOnlyList<string> Blobs(string data) =>
        [.. Files(Path.Combine(data, "store", "blobs")), .. Files(Path.Combine(data, "store", "segments")).Where(path => path.EndsWith(".segment", StringComparison.Ordinal)).SelectMany(Records)];

    /// <summary>Bytes of all files below a folder.</summary>
    public static long SizeOf(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Exists ? file.Length : 0);

    private static IEnumerable<string> Records(string path)
    {
        const int SegmentHead = 64;
        const int RecordHead = 128;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        var segment = copy.ToArray();
        for (var at = SegmentHead; at + RecordHead <= segment.Length && segment.AsSpan(at, 16).SequenceEqual(segment.AsSpan(16, 16));)
        {
            if (!segment.AsSpan(at + 120, 6).SequenceEqual("PURGED"u8))
            {
                yield return $"{path}@{at}";
            }

            at += RecordHead + ((BinaryPrimitives.ReadInt32LittleEndian(segment.AsSpan(at + 40)) + 15) & ~15);
        }
    }

    private static List<string> Files(string folder) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)] : [];
}
