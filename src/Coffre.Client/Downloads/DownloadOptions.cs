namespace Coffre.Client;

/// <summary>How a file is fetched.</summary>
public sealed record DownloadOptions
{
    /// <summary>Most ranges of one file that may be on their way at once.</summary>
    public const int MaxRanges = 16;

    /// <summary>Password of the file, if it has one.</summary>
    public string? Password { get; init; }

    /// <summary>Told the bytes that are there so far, those of an earlier run included.</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Whether to go on where an earlier run stopped. The earlier bytes are read again for the checksum.</summary>
    public bool Resume { get; init; } = true;

    /// <summary>
    /// How many ranges of the file come side by side, each over a connection of its own; 1 to <see cref="MaxRanges"/>. Null chooses:
    /// 4 from 32 MiB on, 3 on 1fichier.com, where all downloads of this machine keep to 30 connections together. A service that
    /// keeps 1fichier's limits without being it gives one.
    /// </summary>
    public int? Ranges { get; init; }

    /// <summary>Where the caller gives the file its last name: whether another goes for it then. Null: it comes under its last name.</summary>
    internal bool? WillReplace { get; init; }
}

/// <summary>What lies on disk now.</summary>
/// <param name="Path">Where.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Checksum">Whirlpool of them, 128 lower-case hexadecimal digits.</param>
/// <param name="ResumedFrom">Bytes that an earlier run had brought; 0 if none.</param>
/// <param name="IsVerified">Whether the service named a checksum to compare with. Then it agreed.</param>
public sealed record DownloadResult(string Path, long Size, string Checksum, long ResumedFrom, bool IsVerified)
{
    /// <summary>Bytes that came over the network in this run, those that were there already or had to be passed over included.</summary>
    public long Received { get; init; }

    /// <summary>Ranges that came side by side.</summary>
    public int Ranges { get; init; } = 1;

    /// <summary>Whether the bytes were synced: only then is it worth while to sync the name.</summary>
    internal bool IsSynced { get; init; }
}
