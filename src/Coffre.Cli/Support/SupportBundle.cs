using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Coffre.Cli.Health;
using Coffre.Cli.Keyrings;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Cli.Schedules;

namespace Coffre.Cli.Support;

/// <summary>What helps others to understand what is wrong here, without anything secret: every text passes the redactor of the run.</summary>
internal sealed class SupportBundle(Run run)
{
    private const int MostFiles = 60;
    private const int MostBytes = 256 * 1024;
    private const string KeyCommandName = "COFFRE_API_KEY_COMMAND";

    private static readonly string[] Shown =
    [
        "COFFRE_URL", "COFFRE_PROFILE", "COFFRE_JSON", "COFFRE_OUTPUT", "COFFRE_TRANSFERS", "COFFRE_IF_EXISTS", "COFFRE_RETRIES", "COFFRE_API_KEY_FILE",
        "XDG_CONFIG_HOME", "XDG_STATE_HOME", "SSL_CERT_FILE", "NO_PROXY", "LANG", "LC_ALL", "TERM", "CI",
    ];

    // That they are set may matter; what they are set to may be a secret.
    private static readonly string[] Named = ["COFFRE_API_KEY", KeyCommandName, "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"];

    /// <summary>Name and text of each file, clean.</summary>
    public IReadOnlyList<(string Name, string Text)> Collect()
    {
        HideAll();
        List<(string, string)> files =
        [
            ("README.txt", "Made by coffre support bundle. Keys, passwords, tokens, addresses that open something and commands that print a secret are taken out.\nIt holds addresses of services, names of profiles, and paths of files that jobs name.\n"),
            ("about.json", About()),
            ("doctor.json", Json(writer =>
            {
                writer.WriteStartArray();
                foreach (var finding in new LocalChecks(run).List())
                {
                    finding.Write(writer);
                }

                writer.WriteEndArray();
            })),
            ("environment.txt", Environment()),
            ("profiles.json", Profiles()),
        ];
        files.AddRange(Files());
        return [.. files.Select(file => (file.Item1, Clean(file.Item2)))];
    }

    private string Clean(string text)
    {
        var clean = run.CleanMessage(text);
        return run.World.Variable("HOME") is { Length: > 1 } home ? clean.Replace(home, "~", StringComparison.Ordinal) : clean;
    }

    /// <summary>Tells the redactor all secrets that can be had here, wherever they might have slipped to.</summary>
    private void HideAll()
    {
        run.Hide(run.World.Variable("COFFRE_API_KEY"));
        run.Hide(run.World.Variable(KeyCommandName));
        Try(() => run.World.Variable("COFFRE_API_KEY_FILE") is { Length: > 0 } path ? File.ReadAllText(path).Trim() : null);
        foreach (var (name, profile) in run.Profiles.Read().Profiles)
        {
            Try(() => profile.Key ?? run.World.Keyring.Find(new KeyringItem(profile.Url, name), CancellationToken.None));
            run.Hide(profile.NextKey);
        }

        foreach (var job in new ScheduleBook(run).List())
        {
            // Commands may hold a secret; those that print one are not run for this.
            run.Hide(job.Environment.GetValueOrDefault(KeyCommandName));
            foreach (var (place, what) in SecretPlace.Places(job).Where(pair => pair.Place is not null))
            {
                Try(() => SecretPlace.CommandOf(place!) ?? (SecretPlace.IsPlace(place!) ? SecretPlace.Read(run, place!, job, what) : place));
            }
        }
    }

    private void Try(Func<string?> find)
    {
        try
        {
            run.Hide(find());
        }
        catch (Exception exception) when (exception is KeyringException or CliException or IOException or UnauthorizedAccessException)
        {
            // What cannot be read here cannot be in what is collected by this run; what looks like a key is taken out anyway.
        }
    }

    private string About() => Json(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("version", Product.Version);
        writer.WriteBoolean("native", !RuntimeFeature.IsDynamicCodeSupported);
        writer.WriteString("runtime", RuntimeInformation.FrameworkDescription);
        writer.WriteString("system", RuntimeInformation.OSDescription);
        writer.WriteString("architecture", RuntimeInformation.ProcessArchitecture.ToString());
        writer.WriteNumber("processors", System.Environment.ProcessorCount);
        writer.WriteString("zone", run.World.Time.LocalTimeZone.Id);
        writer.WriteString("made", run.World.Time.GetUtcNow().UtcDateTime);
        writer.WriteEndObject();
    });

    private string Environment()
    {
        var text = new StringBuilder();
        foreach (var name in Shown.Where(name => run.World.Variable(name) is not null))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}={run.World.Variable(name)}\n");
        }

        foreach (var name in Named.Where(name => run.World.Variable(name) is { Length: > 0 }))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name} is set\n");
        }

        return text.ToString();
    }

    private string Profiles() => Json(writer =>
    {
        var book = run.Profiles.Read();
        writer.WriteStartObject();
        writer.WriteString("default", book.Default);
        foreach (var (name, profile) in book.Profiles)
        {
            writer.WriteStartObject(name);
            writer.WriteString("url", profile.Url);
            writer.WriteString("key", profile.Key is null ? "keyring" : "in clear in the file");
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    });

    /// <summary>Budgets, jobs and histories, the newest first; and the names of all else that lies with the state.</summary>
    private IEnumerable<(string Name, string Text)> Files()
    {
        var roots = new[] { ("state", run.StateFolder), ("jobs", new ScheduleBook(run).Folder) }.Where(root => Directory.Exists(root.Item2)).ToArray();
        var found = roots.SelectMany(root => Directory.EnumerateFiles(root.Item2!, "*", SearchOption.AllDirectories)
            .Select(path => (Name: root.Item1 + "/" + Path.GetRelativePath(root.Item2!, path).Replace('\\', '/'), File: new FileInfo(path)))).ToArray();
        yield return ("files.txt", string.Concat(found.OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.File.Length,12}  {file.File.LastWriteTimeUtc:yyyy-MM-dd HH:mm:ss}  {file.Name}\n"))));

        // What lies under uploads names rights to upload, what is known of an account its owner: nobody needs them.
        foreach (var (name, file) in found
            .Where(file => file.File.Extension is ".json" or ".jsonl" && file.File.Length is > 0 and < MostBytes && !file.Name.StartsWith("state/uploads/", StringComparison.Ordinal) && !IsAccount(file.Name))
            .OrderByDescending(file => file.File.LastWriteTimeUtc)
            .Take(MostFiles))
        {
            string text;
            try
            {
                using var reader = new StreamReader(new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
                text = reader.ReadToEnd();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                text = exception.Message;
            }

            yield return (name, text);
        }
    }

    private static bool IsAccount(string name) => Path.GetFileName(name).StartsWith("account-", StringComparison.Ordinal)
        && name.StartsWith("state/", StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal);

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true }))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }
}
