using System.CommandLine;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Cli.Support;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre support bundle</c>: a file to give away that holds no secret.</summary>
internal static class SupportCommand
{
    public static Command Make(CommandKit kit) =>
        new DescribedCommand("support", "Collect what helps others to understand a problem", ["coffre support bundle --out coffre-support.zip", "coffre support bundle --out coffre-support.zip -y --json"])
        {
            Subcommands = { Bundle(kit) },
        };

    private static DescribedCommand Bundle(CommandKit kit)
    {
        var path = new Option<string>("--out") { Description = "The file to write; there must be none", Required = true };
        var yes = kit.Flags.Switch("--yes", "Do not ask", "-y");
        var command = new DescribedCommand("bundle", "Write a ZIP with settings and state, and without secrets", ["coffre support bundle --out coffre-support.zip", "coffre support bundle --out /tmp/s.zip -y"])
        {
            path, yes,
        };
        command.Notes = """
            Lists what it would write, then asks. Keys, passwords, tokens and addresses that open something are taken out by the same
            redactor that all output passes. Names of profiles, addresses of services and paths in jobs stay. Nothing is compressed:
            any program can look through the file. Nothing is sent anywhere.
            """;
        kit.Does(command, (run, parse, cancellationToken) => WriteAsync(run, parse.GetRequiredValue(path), parse.GetValue(yes), cancellationToken));
        return command;
    }

    private static async Task<ExitCode> WriteAsync(Run run, string path, bool isAnswered, CancellationToken cancellationToken)
    {
        if (Path.Exists(path))
        {
            throw CliException.Conflict($"{path} is there already.", "take another name");
        }

        var files = new SupportBundle(run).Collect();
        foreach (var (name, text) in files)
        {
            run.Report.Note(string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(text),10} bytes  {name}"));
        }

        await Question.AskAsync(run, isAnswered, $"Write these {files.Count} files into {path}?", "Nothing was written.", cancellationToken);
        OwnFile.Write(path, file =>
        {
            using var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true);
            foreach (var (name, text) in files)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        });

        run.Report.Add(new BundleResult(path, [.. files.Select(file => file.Name)]));
        return ExitCode.Success;
    }
}

/// <summary><c>support bundle</c>.</summary>
internal sealed record BundleResult(string Path, IReadOnlyList<string> Files) : Result
{
    public override string? Line(TextStyle style) => Path;

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, HabitJson.Default.BundleResult);
}
