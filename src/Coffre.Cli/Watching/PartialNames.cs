namespace Coffre.Cli.Watching;

/// <summary>Names that programs give to files while they are still writing them.</summary>
internal static class PartialNames
{
    private static readonly string[] Endings =
        [".part", ".partial", ".crdownload", ".download", ".!qb", ".!ut", ".!bt", ".tmp", ".temp", ".aria2", ".filepart", ".opdownload", ".unfinished", ".swp"];

    private static readonly string[] Beginnings = ["~syncthing~", ".syncthing.", ".~tmp~", ".fuse_hidden", ".nfs", "~$"];

    public static bool IsPartial(string name) =>
        Array.Exists(Endings, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
        || Array.Exists(Beginnings, beginning => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a file of this folder says that another is unfinished: aria2 keeps its notes beside it.</summary>
    public static bool IsUnfinished(string name, IReadOnlySet<string> beside) => beside.Contains(name + ".aria2");
}
