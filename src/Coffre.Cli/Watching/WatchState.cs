using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Cli.Running;

namespace Coffre.Cli.Watching;

/// <summary>What a watch has sent, kept on disk over restarts and kills; and the lock that keeps a second watch from the same folder.</summary>
/// <remarks>One line for each file that was sent, the last of a path counts; a line that a kill cut short counts not. Rewritten when it is opened.</remarks>
internal sealed class WatchState : IDisposable
{
    // No file has this size, so that older versions read such a line as a note that fits nothing.
    private const long Forgotten = -1;

    private readonly Dictionary<string, SentNote> _sent = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly FileStream _lock;
    private readonly string _path;
    private FileStream? _journal;

    private WatchState(FileStream held, string path) => (_lock, _path) = (held, path);

    /// <param name="stateFolder">Where the command remembers things.</param>
    /// <param name="folder">The watched folder, in full.</param>
    /// <param name="destination">Where it goes; another destination has notes of its own.</param>
    /// <exception cref="CliException">Another watch holds the folder, or nothing can be kept there.</exception>
    public static WatchState Open(string? stateFolder, string folder, string destination)
    {
        var place = Path.Combine(
            stateFolder ?? throw CliException.Usage("There is no place to remember what was sent.", "set HOME or XDG_STATE_HOME"), "watch");
        try
        {
            MakeFolder(place);
            var held = TryLock(Path.Combine(place, Name(folder) + ".lock"))
                ?? throw new CliException(ExitCode.Busy, "busy", $"Another run watches {folder}.", "one folder has one watch; end the other one first");
            var state = new WatchState(held, Path.Combine(place, $"{Name(folder)}-{Name(destination)}.jsonl"));
            state.Load(folder);
            return state;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"{place} cannot be used: {exception.Message}", "set XDG_STATE_HOME to a folder that can be written");
        }
    }

    /// <summary>What was sent of this path; null if nothing was, or the file has changed since.</summary>
    public SentNote? Find(string path, long size, DateTimeOffset modified)
    {
        lock (_gate)
        {
            return _sent.GetValueOrDefault(path) is { } note && note.Size == size && note.Modified == modified ? note : null;
        }
    }

    public void Add(SentNote note)
    {
        lock (_gate)
        {
            _sent[note.Path] = note;
            _journal!.Write(Line(note));
            _journal.Flush();
        }
    }

    /// <summary>The file is no longer here: another that comes in its place was never sent, however much it looks like it.</summary>
    public void Forget(string path)
    {
        lock (_gate)
        {
            _sent.Remove(path);
            _journal!.Write(Line(new SentNote(path, Forgotten, DateTimeOffset.MinValue, "", null)));
            _journal.Flush();
        }
    }

    public void Dispose()
    {
        _journal?.Dispose();
        _lock.Dispose();
    }

    private static byte[] Line(SentNote note) => [.. JsonSerializer.SerializeToUtf8Bytes(note, WatchJson.Default.SentNote), (byte)'\n'];

    private static string Name(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    private void Load(string folder)
    {
        if (File.Exists(_path))
        {
            foreach (var line in File.ReadLines(_path))
            {
                if (Read(line) is { } note)
                {
                    _sent[note.Path] = note;
                }
            }
        }

        // Notes of files that are gone say nothing any more.
        foreach (var gone in _sent.Where(note => note.Value.Size == Forgotten || !File.Exists(Path.Combine(folder, note.Key))).Select(note => note.Key).ToArray())
        {
            _sent.Remove(gone);
        }

        using (var fresh = new FileStream(_path + ".new", Options(FileMode.Create)))
        {
            foreach (var note in _sent.Values)
            {
                fresh.Write(Line(note));
            }
        }

        File.Move(_path + ".new", _path, overwrite: true);
        _journal = new FileStream(_path, Options(FileMode.Append));
    }

    private static SentNote? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, WatchJson.Default.SentNote);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            var options = Options(FileMode.OpenOrCreate);
            options.Share = FileShare.None;
            return new FileStream(path, options);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}

/// <param name="Path">Below the watched folder, with <c>/</c>.</param>
/// <param name="Size">Bytes that were sent.</param>
/// <param name="Modified">Of the file as it was sent.</param>
/// <param name="Link">Of the remote file.</param>
/// <param name="Checksum">Whirlpool; null if the service did not confirm the upload, so that the local file has to stay.</param>
internal sealed record SentNote(string Path, long Size, DateTimeOffset Modified, string Link, string? Checksum);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SentNote))]
internal sealed partial class WatchJson : JsonSerializerContext;
