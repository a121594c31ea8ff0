namespace Coffre.Compat.Fixture;

/// <summary>What lies in a server's data folder, seen from outside (docs/storage.md).</summary>
public static class DataFolder
{
    /// <summary>Bytes on their way in.</summary>
    public static IReadOnlyList<string> Staging(string data) => Files(Path.Combine(data, "store", "staging"));

    /// <summary>Bytes that were kept, a file for each blob.</summary>
    public static IReadOnlyList<string> Blobs(string data) => Files(Path.Combine(data, "store", "blobs"));

    /// <summary>Bytes of all files below a folder.</summary>
    public static long SizeOf(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Exists ? file.Length : 0);

    private static List<string> Files(string folder) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)] : [];
}
