namespace Coffre.Client;

/// <summary>Size and time of a local file: while they stay, so does its content.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">When it changed last.</param>
public readonly record struct LocalStamp(long Size, DateTimeOffset Modified)
{
    /// <summary>The stamp of a file as it is now; null if there is none.</summary>
    public static LocalStamp? Of(string path)
    {
        var file = new FileInfo(path);
        file = file.Exists && file.LinkTarget is not null ? file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file : file;
        return file.Exists ? new LocalStamp(file.Length, new DateTimeOffset(file.LastWriteTimeUtc)) : null;
    }
}
