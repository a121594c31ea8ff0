namespace Coffre.Compat.Fixture;

/// <summary>Content that does not compress and does not repeat, the same on every run.</summary>
public static class Bytes
{
    public static byte[] Random(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
