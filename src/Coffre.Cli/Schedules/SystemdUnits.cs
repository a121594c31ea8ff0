using System.Globalization;
using System.Text;
using Coffre.Cli.Output;
using Coffre.Cli.Running;

namespace Coffre.Cli.Schedules;

/// <summary>A job as a service and a timer of systemd, for the user who made it.</summary>
internal sealed class SystemdUnits(Run run, ScheduledJob job)
{
    // Well within the grace of a run, and often enough for the shortest interval.
    private const long LongestPoll = 300;
    private static readonly string[] Folders = ["XDG_CONFIG_HOME", "XDG_STATE_HOME"];

    public string ServiceName => $"coffre-{job.Name}.service";

    public string TimerName => $"coffre-{job.Name}.timer";

    /// <summary><c>$XDG_CONFIG_HOME/systemd/user</c>.</summary>
    public string Folder => Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(run.Profiles.Path))!, "systemd", "user");

    /// <exception cref="CliException">A text cannot stand in a unit.</exception>
    public string Service()
    {
        // A folder stands there without quotes, where a backslash at the end joins lines and blanks are cut off.
        if (job.Folder.EndsWith('\\') || job.Folder.Trim() != job.Folder)
        {
            throw CannotStand(job.Folder);
        }

        var text = new StringBuilder($"""
            # Made by coffre job install {job.Name}
            [Unit]
            Description=coffre job {job.Name}

            [Service]
            Type=oneshot
            WorkingDirectory={Escaped(job.Folder)}

            """);
        foreach (var (name, value) in job.Environment.Concat(Places()))
        {
            text.Append(CultureInfo.InvariantCulture, $"Environment={Quoted($"{name}={value}", isCommand: false)}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"ExecStart={string.Join(' ', run.World.Program.Concat(["job", "run", job.Name, "--scheduled"]).Select(word => Quoted(word, isCommand: true)))}\n").ToString();
    }

    /// <exception cref="CliException">systemd has no words for the times of this job.</exception>
    public string Timer()
    {
        var times = job.Cron is { } cron
            ? "OnCalendar=" + (OnCalendar.From(cron, job.Timezone) ?? throw CliException.Usage($"systemd has no words for '{cron}'.", "let coffre scheduler run start this job"))
            : Polled(job.EverySeconds!.Value);
        return $"""
            # Made by coffre job install {job.Name}
            [Unit]
            Description=Times of coffre job {job.Name}

            [Timer]
            {times}
            AccuracySec=1s
            Persistent={(job.Missed is "skip" ? "false" : "true")}

            [Install]
            WantedBy=timers.target

            """;
    }

    /// <summary>Where settings and state lie, if that is not the usual place.</summary>
    private IEnumerable<KeyValuePair<string, string>> Places() => Folders
        .Where(name => run.World.Variable(name) is { Length: > 0 })
        .Select(name => KeyValuePair.Create(name, run.World.Variable(name)!));

    /// <summary>systemd counts intervals from boot or from the last run, jobs from their making: it asks often, and the job knows whether it is due.</summary>
    private static string Polled(long seconds)
    {
        var poll = Math.Clamp(seconds / 2, 1, LongestPoll);
        return string.Create(CultureInfo.InvariantCulture, $"OnActiveSec={poll}s\nOnUnitActiveSec={poll}s");
    }

    // A percent sign begins a specifier everywhere, a dollar sign a variable in commands. The end of a line would begin a setting of its own.
    private static string Escaped(string text) => text.Any(char.IsControl) ? throw CannotStand(text) : text.Replace("%", "%%", StringComparison.Ordinal);

    private static CliException CannotStand(string text) =>
        CliException.Usage($"'{TextStyle.Shown(text)}' cannot stand in a unit of systemd.", "give it another name and make the job again, or let coffre scheduler run start it");

    private static string Quoted(string text, bool isCommand)
    {
        var escaped = Escaped(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return "\"" + (isCommand ? escaped.Replace("$", "$$", StringComparison.Ordinal) : escaped) + "\"";
    }
}
