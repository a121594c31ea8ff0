using Coffre.Hashing;
using Coffre.Storage;
using Coffre.Storage.Local;

namespace Coffre.Tests.Storage;

/// <summary>The process that a test kills: it keeps blobs for ever and prints the receipt of each after its commit.</summary>
/// <remarks>Some it purges again, and says so before: so segments are rewritten all the time. They are short, so that many are begun.</remarks>
internal static class KillTarget
{
    public const string Command = "keep-blobs-until-killed";

    private const int Writers = 4;
    private const int LongestBody = 700_000;
    private const int SegmentLength = 100_000;

    /// <summary>Begins the line that says that a blob is about to be purged.</summary>
    public const string PurgeMark = "purge ";

    public static async Task<int> RunAsync(string root)
    {
        using var store = DiskBlobStore.Open(new DiskBlobStoreOptions { Root = root, SegmentLength = SegmentLength }, TimeProvider.System);
        var receipts = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true, NewLine = "\n" });
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(() => KeepForEverAsync(store, receipts))));
        return 1;
    }

    /// <summary>Whether these are all the bytes of a blob that this program wrote: it ends with the checksum of what is before.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= Whirlpool.HashSizeInBytes
        && Whirlpool.HashData(bytes[..^Whirlpool.HashSizeInBytes]).AsSpan().SequenceEqual(bytes[^Whirlpool.HashSizeInBytes..]);

    /// <summary>Such bytes.</summary>
    public static byte[] Whole(int length, int seed)
    {
        var body = new byte[length];
        new Random(seed).NextBytes(body);
        return [.. body, .. Whirlpool.HashData(body)];
    }

    private static async Task KeepForEverAsync(DiskBlobStore store, TextWriter receipts)
    {
        while (true)
        {
            var body = new byte[Random.Shared.Next(2) == 0 ? Random.Shared.Next(5000) : Random.Shared.Next(LongestBody)];
            Random.Shared.NextBytes(body);
            var kept = await store.KeepAsync([.. body, .. Whirlpool.HashData(body)], piece: 50_000);
            await receipts.WriteLineAsync($"{kept.Id} {kept.Length} {Convert.ToHexString(kept.Checksum.Span)}");
            if (Random.Shared.Next(2) == 0)
            {
                await receipts.WriteLineAsync($"{PurgeMark}{kept.Id}");
                await store.PurgeAsync(kept.Id, default);
            }
        }
    }
}
