using System.Text.Json;
using System.Text.RegularExpressions;
using Coffre.Cli.Running;

namespace Coffre.Cli.Schedules;

/// <summary>The scheduled jobs: a file for each, beside the profiles. What becomes of their runs lies with the state.</summary>
internal sealed partial class ScheduleBook(Run run)
{
    public string Folder => Path.Combine(Path.GetDirectoryName(run.Profiles.Path)!, "jobs");

    /// <summary>Where history and locks lie.</summary>
    /// <exception cref="CliException">There is no place.</exception>
    public string StateFolder => Path.Combine(run.StateFolder ?? throw CliException.Usage("There is no place to keep the history of jobs.", "set HOME or XDG_STATE_HOME"), "schedule");

    /// <summary>Whether this is about one job, whose definition or history somebody edited or nobody can read: the others go on.</summary>
    public static bool IsTroubleOfOne(Exception exception) => exception is CliException or IOException or UnauthorizedAccessException or InvalidOperationException;

    public static bool IsName(string name) => NameForm().IsMatch(name);

    /// <summary>All jobs, by name.</summary>
    public IReadOnlyList<ScheduledJob> List() => Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder, "*.json").Select(Read).OfType<ScheduledJob>().OrderBy(job => job.Name, StringComparer.Ordinal)]
        : [];

    public ScheduledJob? Find(string name) => IsName(name) && File.Exists(PathOf(name)) ? Read(PathOf(name)) : null;

    /// <exception cref="CliException">There is none of that name.</exception>
    public ScheduledJob Get(string name) => Find(name)
        ?? throw new CliException(ExitCode.NotFound, "not_found", $"There is no scheduled job '{name}'.", "coffre job list shows them");

    public void Write(ScheduledJob job)
    {
        OwnFile.MakeFolder(Folder);
        OwnFile.Write(PathOf(job.Name), file => JsonSerializer.Serialize(file, job, ScheduleJson.Default.ScheduledJob));
    }

    public void Remove(ScheduledJob job)
    {
        File.Delete(PathOf(job.Name));
        HistoryOf(job).Remove();
    }

    public RunHistory HistoryOf(ScheduledJob job)
    {
        OwnFile.MakeFolder(StateFolder);
        return new RunHistory(StateFolder, job.Name, run.World.Time);
    }

    private ScheduledJob? Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, ScheduleJson.Default.ScheduledJob);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            run.Report.Warn($"The job in {path} cannot be read: {exception.Message}");
            return null;
        }
    }

    private string PathOf(string name) => Path.Combine(Folder, name + ".json");

    // Ids of transfers begin with a digit: the two are never mistaken for each other.
    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_-]{0,39}\z")]
    private static partial Regex NameForm();
}
