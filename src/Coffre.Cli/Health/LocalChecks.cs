using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Coffre.Cli.Jobs;
using Coffre.Cli.Keyrings;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Microsoft.Data.Sqlite;

namespace Coffre.Cli.Health;

/// <summary>What can be looked at without the network.</summary>
internal sealed class LocalChecks(Run run)
{
    private const long LeastRoom = 100_000_000;
    private static readonly TimeSpan OldAge = TimeSpan.FromDays(30);

    public IEnumerable<FindingResult> List() =>
    [
        FindingResult.Ok("version", $"coffre {Product.Version}{(RuntimeFeature.IsDynamicCodeSupported ? "" : ", native")}, {System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier}"),
        Database(),
        Config(),
        State(),
        Room(),
        OldState(),
        Keyring(),
    ];

    private static FindingResult Database()
    {
        try
        {
            using var connection = new SqliteConnection("Data Source=:memory:");
            connection.Open();
            return FindingResult.Ok("library", "SQLite " + connection.ServerVersion);
        }
        catch (Exception exception) when (exception is DllNotFoundException or TypeInitializationException or SqliteException or BadImageFormatException)
        {
            return FindingResult.Bad("library", ExitCode.Failure, "The native library of SQLite cannot be loaded: " + exception.GetBaseException().Message, "put libe_sqlite3 of the same release beside the program");
        }
    }

    private FindingResult Config()
    {
        try
        {
            var path = run.Profiles.Path;
            var count = run.Profiles.Read().Profiles.Count;
            if (OpenToOthers(path) is { } open)
            {
                return FindingResult.Bad("config", ExitCode.Usage, $"{open} can be read or written by others.", $"chmod go= {open}");
            }

            var clear = run.Profiles.Read().Profiles.Where(pair => pair.Value.Key is not null).Select(pair => pair.Key).ToArray();
            return clear.Length > 0
                ? FindingResult.Warning("config", $"The key of {string.Join(", ", clear)} lies in clear in {path}.", "coffre auth migrate moves it into a keyring")
                : FindingResult.Ok("config", string.Create(CultureInfo.InvariantCulture, $"{path}, {count} {(count == 1 ? "profile" : "profiles")}"));
        }
        catch (CliException trouble)
        {
            return FindingResult.Bad("config", trouble.ExitCode, trouble.Message, trouble.Advice ?? "mend it");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return FindingResult.Bad("config", ExitCode.Usage, exception.Message, "make it readable for yourself: chmod u+rw");
        }
    }

    private FindingResult State()
    {
        if (run.StateFolder is not { } folder)
        {
            return FindingResult.Warning("state", "There is no place to remember anything in: no budget, index or jobs.", "set HOME or XDG_STATE_HOME");
        }

        try
        {
            var existing = Existing(folder);
            var probe = Path.Combine(existing, ".coffre-doctor-" + Path.GetRandomFileName());
            File.WriteAllBytes(probe, [1]);
            File.Delete(probe);
            return existing == folder && OpenToOthers(folder) is not null
                ? FindingResult.Bad("state", ExitCode.Usage, $"{folder} can be read or written by others.", $"chmod go= {folder}")
                : FindingResult.Ok("state", folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return FindingResult.Bad("state", ExitCode.Failure, $"Nothing can be written in {folder}: {exception.Message}", "make that folder writable, or set XDG_STATE_HOME to another");
        }
    }

    private FindingResult Room()
    {
        if (run.StateFolder is not { } folder)
        {
            return FindingResult.Skipped("room", "no state folder");
        }

        try
        {
            var free = new DriveInfo(Existing(folder)).AvailableFreeSpace;
            return free < LeastRoom
                ? FindingResult.Bad("room", ExitCode.Failure, $"{TextStyle.Human(free)} are free where the state lies.", "free some room: index, budget and jobs could not be written")
                : FindingResult.Ok("room", $"{TextStyle.Human(free)} free where the state lies");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return FindingResult.Skipped("room", exception.Message);
        }
    }

    private FindingResult OldState()
    {
        if (run.StateFolder is not { } folder || !Directory.Exists(folder))
        {
            return FindingResult.Ok("old state", "none");
        }

        var now = run.World.Time.GetUtcNow();
        var broken = Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Where(IsBroken).ToArray();
        if (broken.Length > 0)
        {
            return FindingResult.Warning("old state", $"{broken[0]} cannot be read{(broken.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $", and {broken.Length - 1} more") : "")}.", "remove it: state is made again");
        }

        var jobs = run.Jobs.List().Where(job => job.State is Job.Failed or Job.Interrupted && job.Updated < now - OldAge).ToArray();
        return jobs.Length > 0
            ? FindingResult.Warning("old state", string.Create(CultureInfo.InvariantCulture, $"{jobs.Length} jobs are not done for more than 30 days, such as {jobs[0].Id}."), $"coffre job resume {jobs[0].Id}, or coffre job rm {jobs[0].Id}")
            : FindingResult.Ok("old state", "none");
    }

    private FindingResult Keyring()
    {
        var keyring = run.World.Keyring;
        try
        {
            keyring.Find(new KeyringItem("https://doctor.invalid/", "doctor"), CancellationToken.None);
            return FindingResult.Ok("keyring", keyring.Name + " answers");
        }
        catch (KeyringException trouble)
        {
            // Without it a key from a file does as well.
            return FindingResult.Warning("keyring", trouble.Message, trouble.Cure);
        }
    }

    private bool IsBroken(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length == 0)
            {
                // Just made by another process.
                return false;
            }

            // A budget is one line; what follows is the rest of a longer one.
            using var reader = new StreamReader(file);
            var text = Path.GetFileName(path).StartsWith("budget-", StringComparison.Ordinal) ? reader.ReadLine() ?? "" : reader.ReadToEnd();
            using var document = JsonDocument.Parse(text);
            return false;
        }
        catch (JsonException)
        {
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // In use at this moment, or not ours to judge.
            return false;
        }
    }

    /// <summary>The file or its folder, if others may read or write it.</summary>
    private static string? OpenToOthers(string path)
    {
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        const UnixFileMode Writers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        if (Path.Exists(path) && (File.GetUnixFileMode(path) & Others) != UnixFileMode.None)
        {
            return path;
        }

        // Whoever may write the folder may put another file in its place.
        var folder = Path.GetDirectoryName(path)!;
        return File.Exists(path) && (File.GetUnixFileMode(folder) & Writers) != UnixFileMode.None ? folder : null;
    }

    private static string Existing(string folder)
    {
        while (!Directory.Exists(folder))
        {
            if (File.Exists(folder))
            {
                throw new IOException($"{folder} is a file");
            }

            folder = Path.GetDirectoryName(folder) ?? throw new IOException("there is no such folder");
        }

        return folder;
    }
}
