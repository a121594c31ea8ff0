namespace Coffre.Client;

/// <summary>How a file is fetched.</summary>
public sealed record DownloadOptions
{
    /// <summary>Password of the file, if it has one.</summary>
    public string? Password { get; init; }

    /// <summary>Told the bytes that are there so far, those of an earlier run included.</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>Whether to go on where an earlier run stopped. The earlier bytes are read again for the checksum.</summary>
    public bool Resume { get; init; } = true;
}

/// <summary>What lies on disk now.</summary>
/// <param name="Path">Where.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Checksum">Whirlpool of them, 128 lower-case hexadecimal digits.</param>
/// <param name="ResumedFrom">Bytes that an earlier run had brought; 0 if none.</param>
/// <param name="IsVerified">Whether the service named a checksum to compare with. Then it agreed.</param>
public sealed record DownloadResult(string Path, long Size, string Checksum, long ResumedFrom, bool IsVerified);
