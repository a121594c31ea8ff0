namespace Coffre.Client;

/// <summary>Where files go, and how they are kept.</summary>
public sealed record UploadOptions
{
    /// <summary>Folder; 0 is the root. 1fichier.com puts files into the root if there is no such folder.</summary>
    public long FolderId { get; init; }

    /// <summary>Password that readers of the link have to give; null for none.</summary>
    public string? Password { get; init; }

    /// <summary>
    /// Links of files that lie in the folder already: where an answer was lost and the folder is searched, none of them is taken for
    /// the new file. Null: none are known.
    /// </summary>
    public IReadOnlyCollection<string>? Existing { get; init; }

    /// <summary>Told the bytes sent so far in this upload, all files together. Goes back when an upload starts again.</summary>
    public IProgress<long>? Progress { get; init; }
}

/// <summary>What the service says that it kept, or was sent to it and not denied: <see cref="IsConfirmed"/> tells which.</summary>
/// <param name="Link">Public link.</param>
/// <param name="Name">Name under which it was kept: the service may have mended the one that was sent.</param>
/// <param name="Size">Bytes, as counted while reading; the service named no other number.</param>
/// <param name="Checksum">Whirlpool computed while reading, 128 lower-case hexadecimal digits; the service named no other one.</param>
public sealed record UploadReceipt(string Link, string Name, long Size, string Checksum)
{
    /// <summary>
    /// Whether the service named size and Whirlpool of what it kept, and both are those that were read. If not, it named at most one of
    /// them: the local file should not be given up for this receipt.
    /// </summary>
    public bool IsConfirmed { get; init; }

    /// <summary>Link that removes a file that belongs to no account; null otherwise.</summary>
    public string? RemovalLink { get; init; }
}

/// <summary>What became of one file of an upload of many.</summary>
/// <param name="Receipt">What the service kept; null if it did not.</param>
/// <param name="Trouble">Why it did not.</param>
public sealed record UploadOutcome(UploadReceipt? Receipt, CoffreException? Trouble)
{
    /// <summary>The receipt.</summary>
    /// <exception cref="CoffreException">There is none.</exception>
    public UploadReceipt Get() => Receipt ?? throw Trouble ?? new CoffreException(CoffreError.UnexpectedAnswer, "The service said nothing of this file.");
}
