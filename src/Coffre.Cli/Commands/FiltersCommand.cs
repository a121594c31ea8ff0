using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Cli.Filters;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Client.Filters;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre filters test</c>: which rule decides about a path.</summary>
internal static class FiltersCommand
{
    public static Command Make(CommandKit kit)
    {
        var command = new DescribedCommand("filters", "Try the flags that choose files", ["coffre filters test a/b.jpg --include '*.jpg'", "coffre filters test --help"]);
        command.Add(MakeTest(kit));
        return command;
    }

    private static DescribedCommand MakeTest(CommandKit kit)
    {
        var paths = new Argument<string[]>("path") { Description = "Paths below the folder that would be walked; with / at its end: a folder", Arity = ArgumentArity.OneOrMore };
        var below = kit.Flags.Text("--in", "The local folder that would be walked; this one if none is named");
        var flags = new FilterFlags(kit);
        var command = new DescribedCommand(
            "test",
            "Say which rule decides about a path",
            ["coffre filters test photos/a.JPG --include '*.jpg' --ignore-case", "coffre filters test src/bin/app.dll --filter '- bin/' --filter '+ *.dll' --filter '- *'"])
        {
            Notes = """
                Rules count in this order: --include, --include-from, --exclude, --exclude-from, --filter, --filter-from. The first that matches
                decides; where none does, the file takes part, unless there was an --include. Sizes and ages are looked at before, if the
                path is there; of a path that is not there only the name counts.
                """ + Environment.NewLine + FilterFlags.Notes,
        };
        command.Add(paths);
        command.Add(below);
        flags.AddTo(command);
        kit.Does(command, (run, parse, _) =>
        {
            var filter = flags.Read(run, parse);
            var root = Path.GetFullPath(parse.GetValue(below) ?? ".");
            foreach (var path in parse.GetRequiredValue(paths))
            {
                run.Report.Add(Test(filter, root, path));
            }

            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static FilterTestResult Test(PathFilter filter, string root, string path)
    {
        var local = Path.GetFullPath(Path.Combine(root, path));
        var relative = Path.IsPathRooted(path) && !Path.GetRelativePath(root, local).StartsWith("..", StringComparison.Ordinal)
            ? Path.GetRelativePath(root, local)
            : path;
        relative = string.Join('/', relative.Split(Path.DirectorySeparatorChar, '/').Where(name => name.Length > 0 && name is not "."));
        if (relative.Length == 0 || relative.Split('/').Contains("..", StringComparer.Ordinal))
        {
            throw CliException.Usage($"'{path}' is not below the folder that would be walked.", "write it relative to that folder, or name the folder with --in");
        }

        var file = new FileInfo(Path.Combine(root, relative));
        var isFolder = path.EndsWith('/') || Directory.Exists(file.FullName);
        var verdict = Marked(filter, root, relative, isFolder)
            ?? filter.Judge(new FilterItem(relative, isFolder, file.Exists ? file.Length : null, file.Exists ? new DateTimeOffset(file.LastWriteTimeUtc) : null));
        return new FilterTestResult
        {
            Path = relative,
            Type = isFolder ? "folder" : "file",
            Included = verdict.Included,
            Rule = verdict.Rule,
            Exists = file.Exists || Directory.Exists(file.FullName),
        };
    }

    /// <summary>The verdict of a folder above that holds what excludes it; null if none does.</summary>
    private static FilterVerdict? Marked(PathFilter filter, string root, string relative, bool isFolder)
    {
        var names = relative.Split('/');
        for (var depth = 0; depth <= (isFolder ? names.Length : names.Length - 1); depth++)
        {
            var folder = new DirectoryInfo(Path.Combine([root, .. names[..depth]]));
            if (folder.Exists && filter.MarkerAmong(folder.EnumerateFiles().Select(file => file.Name), folder.EnumerateDirectories().Select(child => child.Name)) is { } marker)
            {
                return new FilterVerdict(Included: false, $"{string.Join('/', names[..depth])}/{marker}".TrimStart('/'));
            }
        }

        return null;
    }
}

/// <summary>What a filter says of a path.</summary>
internal sealed record FilterTestResult : Result
{
    public required string Path { get; init; }

    public required string Type { get; init; }

    public required bool Included { get; init; }

    /// <summary>The rule that decided, and where it stands.</summary>
    public required string Rule { get; init; }

    /// <summary>Whether the path is there, so that its size and age count.</summary>
    public required bool Exists { get; init; }

    public override string? Line(TextStyle style) => $"{(Included ? "included" : "excluded")}  {TextStyle.Shown(Path)}{(Type is "folder" ? "/" : "")}  {TextStyle.Shown(Rule)}";

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, FilterJson.Default.FilterTestResult);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FilterTestResult))]
internal sealed partial class FilterJson : JsonSerializerContext;
