using System.Globalization;

namespace Coffre.Client.Sync;

/// <summary>Where deleted things go: a folder with the date, at the root of the account or beside the local target.</summary>
public static class TrashPlace
{
    /// <summary>Name of the folder that holds them all.</summary>
    public const string FolderName = ".coffre-trash";

    /// <summary>Name of the folder in it that takes what goes at a moment: <c>20310501T120000Z</c>, in UTC.</summary>
    public static string Stamp(DateTimeOffset now) => now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Names from the root of the account down.</summary>
    internal static IReadOnlyList<string> Remote(IEnumerable<string> target, string stamp) => [FolderName, stamp, .. target];

    /// <summary>The local folder that takes what a target loses.</summary>
    /// <exception cref="CoffreException">The target is the top of its disk: nothing lies beside it.</exception>
    internal static string Local(string root, string stamp)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        return Path.GetDirectoryName(full) is { Length: > 0 } parent
            ? Path.Combine(parent, FolderName, stamp, Path.GetFileName(full))
            : throw new CoffreException(CoffreError.Configuration, $"Nothing lies beside {full}, so there is no place for a trash folder.") { Advice = "sync into a folder, or say --delete-mode permanent" };
    }
}
