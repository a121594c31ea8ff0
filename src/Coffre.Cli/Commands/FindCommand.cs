using System.CommandLine;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre find</c>: files and folders by name, size or checksum, from the index.</summary>
internal static class FindCommand
{
    private const int MostHits = 1_000_000;

    public static Command Make(CommandKit kit)
    {
        var name = new Argument<string?>("name") { Description = "A part of the name, or the whole name with * and ?; left out: any", Arity = ArgumentArity.ZeroOrOne };
        var below = kit.Flags.Text("--in", "Folder to search; the root of the default profile if none is named");
        var type = kit.Flags.Choice("--type", "What to find", "any", "any", "file", "folder");
        var min = kit.Flags.Offset("--min-size", "Least bytes of a file");
        var max = kit.Flags.Offset("--max-size", "Most bytes of a file");
        var checksum = kit.Flags.Text("--checksum", "Whirlpool of the file, 128 hexadecimal digits");
        var limit = kit.Flags.Number("--limit", "Most hits to show", MostHits, 1, MostHits);
        var isLong = kit.Flags.Switch("--long", "With size and date", "-l");
        var all = kit.Flags.Switch("--all", LsCommand.AllHelp, "-a");
        var index = new IndexFlags(kit, IndexUse.Known);
        var command = new DescribedCommand("find", "Find files and folders by name, size or checksum", ["coffre find invoice", "coffre find '*.mkv' --in home:/Films --min-size 1000000000 -l"])
        {
            Notes = IndexFlags.Notes,
        };
        command.Add(name);
        foreach (var option in new Option[] { below, type, min, max, checksum, limit, isLong, all })
        {
            command.Add(option);
        }

        index.AddTo(command);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var search = new IndexSearch
            {
                Name = parse.GetValue(name),
                MinSize = parse.GetValue(min),
                MaxSize = parse.GetValue(max),
                Checksum = Digits(parse.GetValue(checksum)),
                Limit = parse.GetValue(limit),
                WithSidecars = parse.GetValue(all),
            };
            var place = Place.ParsePath(parse.GetValue(below) ?? ":/");
            var account = index.Open(run, parse, place);
            var folder = await Finder.GetFolderAsync(run, place, cancellationToken);
            await account.Index.CoverAsync(folder.Folder.Id, cancellationToken);
            run.Report.Style = run.Report.Style with { IsLong = parse.GetValue(isLong) };
            foreach (var hit in account.Index.Find(folder.Folder.Id, search))
            {
                if (parse.GetValue(type) is "any" || parse.GetValue(type) == (hit.File is null ? "folder" : "file"))
                {
                    run.Report.Add(Entries.Of(hit, place));
                }
            }

            IndexFlags.TellAge(run, account);
            return ExitCode.Success;
        });
        return command;
    }

    private static string? Digits(string? checksum) => checksum is null || (checksum.Length == 128 && checksum.All(char.IsAsciiHexDigit))
        ? checksum
        : throw CliException.Usage("A Whirlpool checksum has 128 hexadecimal digits.", "coffre info shows that of a file");
}
