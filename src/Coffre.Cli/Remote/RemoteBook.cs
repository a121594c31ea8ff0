using System.Security.Cryptography;
using System.Text.Json;
using Coffre.Cli.Running;

namespace Coffre.Cli.Remote;

/// <summary>The batches of this machine: one file each, and a lock file for whoever works on it.</summary>
internal sealed class RemoteBook(Run run)
{
    private const int MostKept = 500;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private readonly string? _folder = run.StateFolder is { } state ? Path.Combine(state, "remote") : null;

    /// <summary>Whether there is a place to keep anything.</summary>
    public bool CanKeep => _folder is not null;

    public string NewId() => $"{run.World.Time.GetUtcNow():yyyyMMdd-HHmmss}-{RandomNumberGenerator.GetHexString(4, lowercase: true)}";

    /// <summary>The batches of an account, the oldest first.</summary>
    public IReadOnlyList<RemoteBatch> List(string service, string profile) => _folder is null || !Directory.Exists(_folder)
        ? []
        : [.. Directory.EnumerateFiles(_folder, "*.json").Select(Read).OfType<RemoteBatch>()
            .Where(batch => batch.Service == service && batch.Profile == profile)
            .OrderBy(batch => batch.Started).ThenBy(batch => batch.Id, StringComparer.Ordinal)];

    public void Write(RemoteBatch batch)
    {
        if (_folder is null)
        {
            return;
        }

        OwnFile.MakeFolder(_folder);
        var updated = batch with { Updated = run.World.Time.GetUtcNow() };
        OwnFile.Write(PathOf(batch.Id, ".json"), file => JsonSerializer.Serialize(file, updated, RemoteJson.Default.RemoteBatch));
    }

    /// <summary>Nobody else works on it until this is disposed; null: somebody does.</summary>
    public IDisposable? TryLock(RemoteBatch batch)
    {
        if (_folder is null)
        {
            return new MemoryStream();
        }

        OwnFile.MakeFolder(_folder);
        return OwnFile.TryLock(PathOf(batch.Id, ".lock"));
    }

    /// <summary>Forgets what ended long ago.</summary>
    public void Prune()
    {
        if (_folder is null || !Directory.Exists(_folder))
        {
            return;
        }

        var ended = Directory.EnumerateFiles(_folder, "*.json").Select(Read).OfType<RemoteBatch>().Where(batch => !batch.IsOpen).OrderBy(batch => batch.Updated).ToArray();
        foreach (var batch in ended.Where((batch, at) => batch.Updated < run.World.Time.GetUtcNow() - Kept || at < ended.Length - MostKept))
        {
            File.Delete(PathOf(batch.Id, ".json"));
            File.Delete(PathOf(batch.Id, ".lock"));
        }
    }

    private static RemoteBatch? Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return JsonSerializer.Deserialize(file, RemoteJson.Default.RemoteBatch);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private string PathOf(string id, string ending) => Path.Combine(_folder!, id + ending);
}
