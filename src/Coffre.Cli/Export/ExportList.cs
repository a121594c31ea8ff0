using Coffre.Client;

namespace Coffre.Cli.Export;

/// <summary>A file as it is exported.</summary>
/// <param name="Folders">Names of the folders from the exported one down to it.</param>
/// <param name="Name">Local name.</param>
/// <param name="File">What the listing shows.</param>
internal sealed record ExportFile(IReadOnlyList<string> Folders, string Name, RemoteFile File)
{
    public string Path => Folders.Count == 0 ? Name : $"{Folder}/{Name}";

    public string Folder => string.Join('/', Folders);
}

/// <summary>What is exported.</summary>
/// <param name="Title">The folder as the user wrote it.</param>
/// <param name="AsOf">When the oldest part of it was listed; null: in this run.</param>
/// <param name="Made">Now.</param>
/// <param name="Files">The files, folder by folder, each in the order of names.</param>
internal sealed record ExportList(string Title, DateTimeOffset? AsOf, DateTimeOffset Made, IReadOnlyList<ExportFile> Files)
{
    private static readonly HashSet<string> MediaEndings = new(
        ["mkv", "mp4", "m4v", "avi", "mov", "webm", "ts", "m2ts", "mpg", "mpeg", "wmv", "flv", "ogv", "vob", "mp3", "m4a", "m4b", "flac", "ogg", "oga", "opus", "wav", "aac", "wma", "aiff", "ape"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Films and music, by their type or the end of their name.</summary>
    public IEnumerable<ExportFile> Media => Files.Where(file =>
        file.File.ContentType is { } type && (type.StartsWith("video/", StringComparison.OrdinalIgnoreCase) || type.StartsWith("audio/", StringComparison.OrdinalIgnoreCase))
        || MediaEndings.Contains(System.IO.Path.GetExtension(file.Name).TrimStart('.')));
}

/// <summary>One way to write it into one file.</summary>
internal delegate void ExportWriter(ExportList list, TextWriter output);
