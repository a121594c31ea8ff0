using System.CommandLine;
using Coffre.Cli.Filters;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Cli.Transfers;
using Coffre.Client.Filters;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre put</c>: files, folders and standard input go up.</summary>
internal static class PutCommand
{
    public const int MostTransfers = 32;

    public static Command Make(CommandKit kit)
    {
        var paths = new Argument<string[]>("source... destination") { Description = "What to upload (- is standard input), then where to", Arity = new ArgumentArity(2, 100_000) };
        var ifExists = IfExistsFlag.Make(kit, "update", withUpdate: true);
        var transfers = kit.Flags.Number("--transfers", "Uploads at the same time", 4, 1, MostTransfers);
        var copyLinks = kit.Flags.Switch("--copy-links", "Upload what symbolic links point to, instead of leaving them out", "-L");
        var filters = new FilterFlags(kit);
        var command = new DescribedCommand("put", "Upload files and folders", ["coffre put report.pdf :/Reports/", "tar cz src | coffre put - :/backup/src.tgz"])
        {
            Notes = """
                As cp -r: if the destination is a folder, or is written with a slash at its end, sources go into it; otherwise the one
                source becomes it. A source folder written with a slash at its end means what it holds:
                  put photos  :/P     makes :/P/photos if :/P is there, and :/P out of it if not
                  put photos/ :/P     puts what photos holds into :/P, whether it is there or not; repeated, it brings it up to date
                Missing folders are made. Files named here answer with their links, folders with a summary.
                """ + Environment.NewLine + FilterFlags.Notes,
        };
        command.Add(paths);
        command.Add(ifExists);
        command.Add(transfers);
        command.Add(copyLinks);
        filters.AddTo(command);
        kit.Does(command, (run, parse, cancellationToken) =>
        {
            var given = parse.GetRequiredValue(paths);
            var destination = Place.ParsePath(given[^1]);
            var settings = new Settings(
                IfExistsFlag.Read(parse.GetRequiredValue(ifExists)), parse.GetValue(transfers), parse.GetValue(copyLinks), filters.Read(run, parse), [.. filters.FilesIn(parse)]);
            return PutAsync(run, parse, given[..^1], destination, settings, cancellationToken);
        });
        return command;
    }

    /// <param name="IfExists">Where a name is taken.</param>
    /// <param name="Transfers">At the same time.</param>
    /// <param name="CopyLinks">Whether to follow symbolic links.</param>
    /// <param name="Filter">What takes part.</param>
    /// <param name="RuleFiles">Files that the filter was read from.</param>
    private sealed record Settings(IfExists IfExists, int Transfers, bool CopyLinks, PathFilter Filter, IReadOnlyList<string> RuleFiles);

    private static async Task<ExitCode> PutAsync(
        Run run, ParseResult parse, string[] sources, RemotePlace destination, Settings settings, CancellationToken cancellationToken)
    {
        foreach (var source in sources)
        {
            if (Place.Parse(source) is RemotePlace or LinkPlace)
            {
                throw CliException.Usage($"'{source}' is not on this machine.", "coffre cp copies on the service; ./ before a name makes it local");
            }
        }

        var account = run.Open(destination);
        using var noted = sources.Contains("-", StringComparer.Ordinal) ? null : run.BeginJob(parse, [.. sources, .. settings.RuleFiles]);
        using var tally = new Tally(run, noted);
        await using var progress = run.BeginProgress();
        run.Report.Style = run.Report.Style with { ShowsLinks = !sources.Any(Directory.Exists) };
        var runner = new PutRunner(run, account, settings.IfExists, tally, progress);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tally.Hopeless);
        if (sources.Contains("-", StringComparer.Ordinal))
        {
            await PutInputAsync(run, account, runner, sources, destination, cancellationToken);
            return tally.Finish("uploaded");
        }

        var tree = new LocalTree(run.Report, settings.CopyLinks);
        try
        {
            await Parallel.ForEachAsync(
                new PutPlan(run, account, destination, tree, settings.Filter, tally) { Transfers = settings.Transfers }.WalkAsync(sources, either.Token),
                new ParallelOptions { MaxDegreeOfParallelism = settings.Transfers, CancellationToken = either.Token },
                async (job, token) => await runner.PutAsync(job, token));
        }
        catch (OperationCanceledException) when (tally.Hopeless.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The tally knows why.
        }

        var exitCode = tally.Finish("uploaded");
        exitCode = exitCode == ExitCode.Success && tree.Unreadable > 0 ? ExitCode.Partial : exitCode;
        noted?.End(exitCode);
        return exitCode;
    }

    private static async Task PutInputAsync(
        Run run, Account account, PutRunner runner, string[] sources, RemotePlace destination, CancellationToken cancellationToken)
    {
        if (sources.Length > 1)
        {
            throw CliException.Usage("Standard input goes up alone.", "run coffre once for it and once for the rest");
        }

        if (destination.EndsWithSlash || destination.IsRoot || await account.Index.FindFolderAsync(destination.Names, cancellationToken) is not null)
        {
            throw CliException.Usage($"{destination} is a folder, and standard input has no name.", "add a file name to the destination");
        }

        var parent = await account.Index.EnsurePathAsync(destination.ParentNames, cancellationToken);
        var folder = destination with { Names = [.. destination.ParentNames] };
        await runner.PutStreamAsync(folder, parent, destination.Name, run.World.OpenInput(), cancellationToken);
    }
}
