namespace Coffre.Client;

/// <summary>What is looked for in the remote tree.</summary>
public sealed record IndexSearch
{
    /// <summary>A part of the name, or the whole name with <c>*</c> and <c>?</c>. Case does not count in ASCII letters. Null: any.</summary>
    public string? Name { get; init; }

    /// <summary>Least bytes; null: any. With it, or with another rule on content, only files are found.</summary>
    public long? MinSize { get; init; }

    /// <summary>Most bytes; null: any.</summary>
    public long? MaxSize { get; init; }

    /// <summary>Whirlpool, 128 hexadecimal digits; null: any.</summary>
    public string? Checksum { get; init; }

    /// <summary>Whether the notes of sync (<see cref="RemoteFile.IsSidecar"/>) are found too.</summary>
    public bool WithSidecars { get; init; } = true;

    /// <summary>Most hits.</summary>
    public int Limit { get; init; } = int.MaxValue;

    /// <summary>For <c>like … escape '\'</c>.</summary>
    internal string? SqlPattern
    {
        get
        {
            if (NameEncoding.Encode(Name) is not { Length: > 0 } name)
            {
                return null;
            }

            var plain = name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
            return name.AsSpan().IndexOfAny('*', '?') >= 0
                ? plain.Replace('*', '%').Replace('?', '_')
                : $"%{plain}%";
        }
    }

    internal bool WantsFilesOnly => MinSize is not null || MaxSize is not null || Checksum is not null;
}

/// <summary>A file or folder that was found, with where it lies.</summary>
/// <param name="Path">Local names from the folder that was searched down to it.</param>
/// <param name="File">The file; null for a folder.</param>
/// <param name="Folder">The folder; null for a file.</param>
public sealed record IndexHit(IReadOnlyList<string> Path, RemoteFile? File, RemoteFolder? Folder)
{
    /// <summary>Id of the folder that holds it.</summary>
    public long ParentId { get; init; }
}

/// <summary>What a folder holds with all below.</summary>
/// <param name="Path">Local names from the folder that was asked for; none is that folder itself.</param>
/// <param name="FolderId">The folder.</param>
/// <param name="Files">Files in it and below.</param>
/// <param name="Bytes">Their bytes.</param>
public sealed record IndexUsage(IReadOnlyList<string> Path, long FolderId, long Files, long Bytes);

/// <summary>How old an answer of the index may be.</summary>
public enum IndexUse
{
    /// <summary>As the service has it now; where it allows a folder to be listed only once in a while, no older than that.</summary>
    Fresh,

    /// <summary>Whatever is known, however old. What was never listed is listed.</summary>
    Known,

    /// <summary>Every folder is listed again, once.</summary>
    Refresh,

    /// <summary>Nothing is asked. What was never listed is not found.</summary>
    Offline,
}
