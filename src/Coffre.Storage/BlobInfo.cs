namespace Coffre.Storage;

/// <summary>What a store knows of a blob without reading it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="CreatedAt">When it was committed, as the engine recorded it (UTC).</param>
public sealed record BlobInfo(BlobId Id, long Length, DateTimeOffset CreatedAt);

/// <summary>The receipt of a commit.</summary>
/// <param name="Id">The name that the store made.</param>
/// <param name="Length">Bytes kept.</param>
/// <param name="Checksum">Whirlpool of those bytes, 64 bytes, computed while they were written.</param>
public sealed record KeptBlob(BlobId Id, long Length, ReadOnlyMemory<byte> Checksum);
