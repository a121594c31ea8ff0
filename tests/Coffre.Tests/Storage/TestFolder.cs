namespace Coffre.Tests.Storage;

/// <summary>A folder for one test, gone with it.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("coffre-storage-").FullName;

    public string Staging => System.IO.Path.Combine(Path, "staging");

    public string Blobs => System.IO.Path.Combine(Path, "blobs");

    public string Segments => System.IO.Path.Combine(Path, "segments");

    public string[] SegmentFiles() => [.. Directory.GetFiles(Segments, "*.segment").Order(StringComparer.Ordinal)];

    public string[] StagedFiles() => Directory.GetFiles(Staging);

    public string[] BlobFiles() => Directory.GetFiles(Blobs, "*", SearchOption.AllDirectories);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
