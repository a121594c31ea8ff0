using System.CommandLine;
using Coffre.Cli.Places;
using Coffre.Cli.Running;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre cat</c>: the bytes of a file, or a part of them, on standard output.</summary>
internal static class CatCommand
{
    public static Command Make(CommandKit kit)
    {
        var paths = new Argument<string[]>("file") { Description = "Files or links", Arity = ArgumentArity.OneOrMore };
        var offset = kit.Flags.Offset("--offset", "First byte; 0 is the beginning");
        var count = kit.Flags.Offset("--count", "Most bytes to write");
        var command = new DescribedCommand("cat", "Write a file to standard output", ["coffre cat :/notes.txt | less", "coffre cat :/disk.img --offset 512 --count 16 | xxd"])
        {
            paths, offset, count,
        };
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            RefuseJson(run);
            foreach (var path in parse.GetRequiredValue(paths))
            {
                await WriteAsync(run, Place.ParseRemote(path), parse.GetValue(offset) ?? 0, parse.GetValue(count), cancellationToken);
            }

            return ExitCode.Success;
        });
        return command;
    }

    public static void RefuseJson(Run run)
    {
        if (run.Report.IsJson)
        {
            throw CliException.Usage("Standard output carries the bytes of the file here; there is no room for JSON.", "leave --json out");
        }
    }

    public static async Task WriteAsync(Run run, Place place, long offset, long? count, CancellationToken cancellationToken)
    {
        // A link needs no look first: the download address tells what is wrong with it.
        var account = run.Open(place);
        var link = place is LinkPlace direct ? direct.Link : (await Finder.GetFileAsync(run, place, cancellationToken)).File.Link;
        await account.Client.CopyToAsync(link, run.World.OutBytes, offset, count, options: null, cancellationToken);
        await run.World.OutBytes.FlushAsync(cancellationToken);
    }
}
