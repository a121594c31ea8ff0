namespace Coffre.Benchmarks.Peers;

/// <summary>A folder for one run; disposed, it is gone with all that lies in it.</summary>
internal sealed class Workshop : IDisposable
{
    private const int Chunk = 1 << 20;

    public string Root { get; } = Directory.CreateTempSubdirectory("coffre-bench-").FullName;

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(Root, name)).FullName;

    /// <summary>A file of random bytes.</summary>
    public string File(string name, long length)
    {
        var path = Path.Combine(Root, name);
        var random = new Random(length.GetHashCode());
        var bytes = new byte[Chunk];
        using var stream = System.IO.File.Create(path);
        for (var left = length; left > 0; left -= Chunk)
        {
            random.NextBytes(bytes);
            stream.Write(bytes.AsSpan(0, (int)Math.Min(left, Chunk)));
        }

        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
