namespace Coffre.Benchmarks.Peers;

/// <summary>Uploads by Debian's curl.</summary>
internal static class Curl
{
    /// <summary>As a form (<c>-F</c>), the way that v1 wants it.</summary>
    public static void Form(string url, string key, string path) =>
        Child.Run("curl", "-sS", "--fail", "-H", "Expect:", "-H", $"Authorization: Bearer {key}", "-F", $"file[]=@{path}", "-o", "/dev/null", url);

    /// <summary>As a plain body (<c>-T</c>), the way that WebDAV wants it.</summary>
    public static void Put(string url, string path) => Child.Run("curl", "-sS", "--fail", "-H", "Expect:", "-T", path, "-o", "/dev/null", url);
}
