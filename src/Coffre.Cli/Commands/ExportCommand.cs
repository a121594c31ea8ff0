using System.CommandLine;
using System.Globalization;
using System.Text;
using Coffre.Cli.Export;
using Coffre.Cli.Filters;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Client.Filters;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre export</c>: what a folder holds, with links, for other programs.</summary>
internal static class ExportCommand
{
    private const string Strm = "strm";

    private static readonly Dictionary<string, ExportWriter> Writers = new(StringComparer.Ordinal)
    {
        ["csv"] = CsvExport.Write,
        ["json"] = JsonExport.Write,
        ["html"] = HtmlExport.Write,
        ["m3u"] = LineExports.WritePlaylist,
        ["links"] = LineExports.WriteLinks,
        ["crawljob"] = CrawljobExport.Write,
    };

    public static Command Make(CommandKit kit)
    {
        var path = new Argument<string>("path") { Description = "Folder; the root of the default profile if none is named", DefaultValueFactory = _ => ":/" };
        var format = kit.Flags.Choice("--format", "csv, json, html, links (name: link), m3u and strm (films and music), crawljob (JDownloader)", "csv", [.. Writers.Keys, Strm]);
        var destination = kit.Flags.Text("--out", "File to write; a folder for strm; left out or -: standard output");
        var filters = new FilterFlags(kit);
        var index = new IndexFlags(kit, IndexUse.Known);
        var command = new DescribedCommand("export", "Write what a folder holds, with links, for other programs", ["coffre export :/Films --format html --out films.html", "coffre export :/Music --format m3u > music.m3u"])
        {
            Notes = IndexFlags.Notes + Environment.NewLine + """
                Names are others' work, so each format makes them harmless: no line end adds an entry, no name becomes markup or leads out of the
                folder, and in CSV what looks like a formula gets an apostrophe before it. Exact names are in JSON.
                Links lead to the page of a file; players and media centres need an add-on that opens them with a key of its own.
                The notes that sync keeps in folders (.coffre-sidecar) are left out.
                """ + Environment.NewLine + FilterFlags.Notes,
        };
        command.Add(path);
        command.Add(format);
        command.Add(destination);
        filters.AddTo(command);
        index.AddTo(command);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var place = Place.ParsePath(parse.GetRequiredValue(path));
            var to = parse.GetValue(destination) is { Length: > 0 } file and not "-" ? file : null;
            var kind = parse.GetRequiredValue(format);
            if (to is null && (kind is Strm || run.Report.IsJson))
            {
                throw CliException.Usage(kind is Strm ? "A tree of files needs a folder." : "Standard output cannot be an export and JSON at once.", "say where to with --out");
            }

            var filter = filters.Read(run, parse);
            var account = index.Open(run, parse, place);
            var folder = await Finder.GetFolderAsync(run, place, cancellationToken);
            await account.Index.CoverAsync(folder.Folder.Id, cancellationToken);
            var list = new ExportList(place.ToString(), account.Index.AsOf, run.World.Time.GetUtcNow(), FilesOf(account, folder.Folder.Id, filter));
            IndexFlags.TellAge(run, account);
            var count = to is null ? Print(run, list, kind) : kind is Strm ? StrmExport.Write(list, to) : Write(list, kind, to);
            if (to is not null)
            {
                run.Report.Add(new ExportFacts(Path.GetFullPath(to), kind, count));
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static ExportFile[] FilesOf(Account account, long folderId, PathFilter filter) =>
    [
        .. RemoteChoice.FilesOf(filter, [.. account.Index.Find(folderId, new IndexSearch())])
            .Select(hit => new ExportFile([.. hit.Path.SkipLast(1)], hit.Path[^1], hit.File!))
            .OrderBy(file => file.Folder, StringComparer.Ordinal).ThenBy(file => file.Name, StringComparer.Ordinal),
    ];

    private static int Print(Run run, ExportList list, string kind)
    {
        Writers[kind](list, run.Output);
        return list.Files.Count;
    }

    /// <summary>The file is there whole or not at all.</summary>
    private static int Write(ExportList list, string kind, string path)
    {
        var beside = path + ".new";
        try
        {
            using (var output = new StreamWriter(beside, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
            {
                Writers[kind](list, output);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }

        return kind is "m3u" ? list.Media.Count() : list.Files.Count;
    }
}

/// <summary>What was exported.</summary>
internal sealed record ExportFacts(string Out, string Format, int Files) : Result
{
    public override string? Line(TextStyle style) => style.IsLong ? string.Create(CultureInfo.InvariantCulture, $"{Files} files in {TextStyle.Shown(Out)}") : null;

    public override void Write(System.Text.Json.Utf8JsonWriter writer) => System.Text.Json.JsonSerializer.Serialize(writer, this, CliJson.Default.ExportFacts);
}
