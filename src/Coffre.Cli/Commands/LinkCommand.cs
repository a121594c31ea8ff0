using System.CommandLine;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre link</c>: the public link of a file.</summary>
internal static class LinkCommand
{
    public static Command Make(CommandKit kit)
    {
        var paths = new Argument<string[]>("file") { Description = "Files", Arity = ArgumentArity.OneOrMore };
        var command = new DescribedCommand("link", "Print the links of files", ["coffre link :/report.pdf", "coffre link home:/a.iso home:/b.iso --json"]) { paths };
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            foreach (var path in parse.GetRequiredValue(paths))
            {
                var place = Place.ParseRemote(path);
                var file = await Finder.GetFileAsync(run, place, cancellationToken);
                run.Report.Add(new LinkResult(place.ToString()!, file.File.Link));
            }

            return ExitCode.Success;
        });
        return command;
    }
}
