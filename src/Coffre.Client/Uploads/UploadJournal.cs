using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Client.Calls;

namespace Coffre.Client.Uploads;

/// <summary>Notes of uploads under way, so that a run after a kill can ask what became of them. Empty where there is no place to keep it.</summary>
/// <remarks>A note is a file that stays open, and so locked, as long as its upload lives; one that can be opened was left behind.</remarks>
internal sealed class UploadJournal(Wire wire)
{
    // The service keeps reports for two hours.
    private static readonly TimeSpan Life = TimeSpan.FromHours(2);

    private readonly Lock _gate = new();
    private readonly string _account = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(wire.Options.ApiKey ?? "")).AsSpan(0, 6));
    private readonly string? _folder = wire.Options.StateFolder is { } state ? Path.Combine(state, "uploads") : null;
    private List<LeftUpload>? _left;

    /// <summary>Notes an upload before its first byte goes out; null where nothing can be kept.</summary>
    public UploadNote? Begin(UploadServer server, long folderId, IReadOnlyList<UploadSource> files, MultipartUpload body)
    {
        if (_folder is null)
        {
            return null;
        }

        var note = new LeftUpload
        {
            Service = wire.Address.Base.Authority,
            Account = _account,
            Node = server.Node.ToString(),
            Id = server.Id,
            FolderId = folderId,
            Started = wire.Time.GetUtcNow(),
            Files = [.. files.Select(file => new LeftFile(file.Name, file.Length))],
        };
        try
        {
            StateFolder.Make(_folder);
            return new UploadNote(Path.Combine(_folder, Path.GetRandomFileName() + ".json"), note, body);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            wire.Options.OnNotice?.Invoke($"The upload could not be noted: {exception.Message}");
            return null;
        }
    }

    /// <summary>Uploads of that folder that were left behind and carried one of the files. Each is handed out once.</summary>
    public IReadOnlyList<LeftUpload> TakeLeft(long folderId, IReadOnlyList<UploadSource> files)
    {
        lock (_gate)
        {
            _left ??= _folder is not null && Directory.Exists(_folder) ? Collect(_folder) : [];
            if (_left.Count == 0)
            {
                return [];
            }

            var wanted = files.Where(file => file.Length is not null).Select(file => new LeftFile(file.Name, file.Length)).ToHashSet();
            var found = _left.Where(left => left.FolderId == folderId && left.Files.Any(wanted.Contains)).ToArray();
            _left.RemoveAll(found.Contains);
            return found;
        }
    }

    private List<LeftUpload> Collect(string folder)
    {
        List<LeftUpload> found = [];
        foreach (var path in Directory.EnumerateFiles(folder, "*.json"))
        {
            try
            {
                using var file = new FileStream(path, StateFolder.Options(FileMode.Open, FileShare.None));
                var left = JsonSerializer.Deserialize(file, JournalJson.Default.LeftUpload);
                if (left is null || left.Started + Life < wire.Time.GetUtcNow())
                {
                    File.Delete(path);
                }
                else if (string.Equals(left.Service, wire.Address.Base.Authority, StringComparison.Ordinal) && string.Equals(left.Account, _account, StringComparison.Ordinal)
                    && Uri.TryCreate(left.Node, UriKind.Absolute, out var node) && wire.Address.MayHaveKey(node))
                {
                    found.Add(left);
                    File.Delete(path);
                }
            }
            catch (JsonException)
            {
                // Killed while it was being written: nothing had been sent then.
                File.Delete(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Its upload is under way in another process, or has just ended.
            }
        }

        return found;
    }
}

/// <summary>The note of one upload under way.</summary>
internal sealed class UploadNote : IDisposable
{
    private readonly FileStream _file;
    private readonly MultipartUpload _body;
    private bool _isSettled;

    public UploadNote(string path, LeftUpload note, MultipartUpload body)
    {
        _body = body;
        _file = new FileStream(path, StateFolder.Options(FileMode.CreateNew, FileShare.None));
        JsonSerializer.Serialize(_file, note, JournalJson.Default.LeftUpload);
    }

    /// <summary>It is known what became of the upload.</summary>
    public void Settle() => _isSettled = true;

    /// <summary>The note stays only if the upload may have arrived and nobody knows.</summary>
    public void Dispose()
    {
        if (_isSettled || !_body.MayBeComplete)
        {
            File.Delete(_file.Name);
        }

        _file.Dispose();
    }
}

/// <summary>An upload whose end nobody saw.</summary>
internal sealed record LeftUpload
{
    public required string Service { get; init; }

    public required string Account { get; init; }

    public required string Node { get; init; }

    public required string Id { get; init; }

    public required long FolderId { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required IReadOnlyList<LeftFile> Files { get; init; }
}

internal sealed record LeftFile(string Name, long? Size);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LeftUpload))]
internal sealed partial class JournalJson : JsonSerializerContext;
