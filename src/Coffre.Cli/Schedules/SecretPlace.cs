using Coffre.Cli.Keyrings;
using Coffre.Cli.Profiles;
using Coffre.Cli.Running;

namespace Coffre.Cli.Schedules;

/// <summary>Where a secret lies that a job needs: <c>file:PATH</c>, <c>env:NAME</c>, <c>command:COMMAND</c>, <c>keyring</c>. The secret itself is never an argument.</summary>
internal static class SecretPlace
{
    private const string Service = "coffre:job";

    public const string Forms = "file:PATH, env:NAME, command:COMMAND or keyring";

    public static bool IsPlace(string text) => text is "keyring" || Of(text, "file:") is not null || Of(text, "env:") is not null || Of(text, "command:") is not null;

    /// <summary>The command that prints it, if it is such a place.</summary>
    public static string? CommandOf(string place) => Of(place, "command:");

    /// <exception cref="CliException">It is a secret itself, or nothing known.</exception>
    public static string? Check(string flag, string? text, Run run)
    {
        if (text is null || IsPlace(text))
        {
            // Relative to where the job was made, not to where it runs.
            return text is not null && Of(text, "file:") is { } path ? "file:" + Path.GetFullPath(path) : text;
        }

        run.Hide(text);
        throw CliException.Usage($"{flag} takes the place of a secret, never the secret: other users of the machine can read arguments.", "write " + Forms);
    }

    /// <summary>The secret.</summary>
    /// <exception cref="CliException">It is not there.</exception>
    public static string Read(Run run, string place, ScheduledJob job, string what)
    {
        var found = Of(place, "file:") is { } path ? ReadFile(path, what)
            : Of(place, "env:") is { } variable ? run.World.Variable(variable)
            : Of(place, "command:") is { } command ? KeyCommand.Run(command, $"The command for {what}")
            : FromKeyring(run, job, what);
        run.Hide(found);
        return found is { Length: > 0 } ? found : throw new CliException(ExitCode.Usage, "configuration", $"There is no {what} in {place}.", "coffre job show tells where it should lie");
    }

    public static void Store(Run run, ScheduledJob job, string what, string secret)
    {
        run.Hide(secret);
        try
        {
            run.World.Keyring.Store(Item(job.Name, what), secret, CancellationToken.None);
        }
        catch (KeyringException trouble)
        {
            throw trouble.AsEnd("keep it in a file, and write file:PATH");
        }
    }

    /// <summary>Forgets what the keyring has for a job.</summary>
    public static void Forget(Run run, ScheduledJob job)
    {
        foreach (var (place, what) in Places(job).Where(pair => pair.Place is "keyring"))
        {
            try
            {
                run.World.Keyring.Delete(Item(job.Name, what), CancellationToken.None);
            }
            catch (KeyringException trouble)
            {
                run.Report.Warn($"The {what} of job '{job.Name}' stays in the keyring: {trouble.Message}");
            }
        }
    }

    /// <summary>The places that a job names.</summary>
    public static IEnumerable<(string? Place, string What)> Places(ScheduledJob job) =>
        [(job.Ping, "ping address"), (job.Webhook, "webhook address"), (job.WebhookSecret, "webhook secret"), (job.SmtpPassword, "SMTP password")];

    private static string? FromKeyring(Run run, ScheduledJob job, string what)
    {
        try
        {
            return run.World.Keyring.Find(Item(job.Name, what), CancellationToken.None);
        }
        catch (KeyringException trouble)
        {
            throw trouble.AsEnd();
        }
    }

    private static string ReadFile(string path, string what)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault()?.Trim() ?? "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, "configuration", $"The {what} cannot be read: {exception.Message}");
        }
    }

    private static KeyringItem Item(string job, string what) => new(Service, $"{job}: {what}");

    private static string? Of(string text, string prefix) => text.StartsWith(prefix, StringComparison.Ordinal) && text.Length > prefix.Length ? text[prefix.Length..] : null;
}
