using Coffre.Storage;

namespace Coffre.Tests.Storage;

/// <summary>What the tests of stores do over and over.</summary>
internal static class BlobStoreSteps
{
    public static async Task<KeptBlob> KeepAsync(this IBlobStore store, byte[] bytes, long? announced = null, int piece = int.MaxValue)
    {
        await using var writer = await store.BeginAsync(announced, default);
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(piece, bytes.Length - at);
            await writer.WriteAsync(bytes.AsMemory(at, length), default);
            at += length;
        }

        return await writer.CommitAsync(default);
    }

    public static async Task<byte[]> ReadAllAsync(this IBlobStore store, BlobId id)
    {
        var blob = await store.FindAsync(id, default);
        Assert.NotNull(blob);
        await using var stream = await store.OpenAsync(id, new ByteRange(0, blob.Length), default);
        Assert.NotNull(stream);
        return await stream.ReadToEndAsync();
    }

    public static async Task<byte[]> ReadToEndAsync(this Stream stream)
    {
        using var memory = new MemoryStream();
        await stream.CopyToAsync(memory, 70_001);
        return memory.ToArray();
    }

    public static async Task<List<BlobInfo>> ListAllAsync(this IBlobStore store, BlobId? after = null) =>
        await store.ListAsync(after, default).ToListAsync();
}
