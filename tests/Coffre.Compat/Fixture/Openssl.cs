namespace Coffre.Compat.Fixture;

/// <summary>Whirlpool as OpenSSL computes it.</summary>
public static class Openssl
{
    public static async Task<string> WhirlpoolAsync(string path)
    {
        var result = await Tool.RunAsync("openssl", ["dgst", "-provider", "legacy", "-provider", "default", "-whirlpool", "-r", path]);
        return result.Ok().Output[..128];
    }

    public static async Task<string> WhirlpoolAsync(ReadOnlyMemory<byte> bytes)
    {
        var result = await Tool.RunAsync("openssl", ["dgst", "-provider", "legacy", "-provider", "default", "-whirlpool", "-r"], bytes);
        return result.Ok().Output[..128];
    }
}
