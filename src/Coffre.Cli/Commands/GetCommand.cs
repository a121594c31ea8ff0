using System.CommandLine;
using Coffre.Cli.Filters;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Cli.Transfers;
using Coffre.Client.Filters;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre get</c>: files, links and folders come down.</summary>
internal static class GetCommand
{
    public static Command Make(CommandKit kit)
    {
        var paths = new Argument<string[]>("source... destination")
        {
            Description = "Remote files, folders or links, then where to; the last may be left out: here, then",
            Arity = ArgumentArity.OneOrMore,
        };
        var ifExists = IfExistsFlag.Make(kit, "update", withUpdate: true);
        var transfers = kit.Flags.Number("--transfers", "Downloads at the same time", 4, 1, PutCommand.MostTransfers);
        var ranges = RangesFlag.Make(kit);
        var filters = new FilterFlags(kit);
        var command = new DescribedCommand("get", "Download files, folders and links", ["coffre get :/Reports/report.pdf", "coffre get :/photos/ ./photos --transfers 8"])
        {
            Notes = """
                The mirror of put: if the destination is a folder, or is written with a slash at its end, sources go into it; otherwise
                the one source becomes it. A remote folder written with a slash at its end means what it holds.
                What came is kept in a .part file until size and checksum agree; the same command goes on where it stopped.
                """ + Environment.NewLine + FilterFlags.Notes,
        };
        command.Add(paths);
        command.Add(ifExists);
        command.Add(transfers);
        command.Add(ranges);
        filters.AddTo(command);
        kit.Does(command, (run, parse, cancellationToken) =>
        {
            var given = parse.GetRequiredValue(paths).Select(Place.Parse).ToArray();
            var hasDestination = given.Length > 1 && given[^1] is LocalPlace or StandardPlace;
            var sources = hasDestination ? given[..^1] : given;
            if (sources.FirstOrDefault(source => source is not (RemotePlace or LinkPlace)) is { } local)
            {
                Place.ParseRemote(local.ToString()!);
            }

            return hasDestination && given[^1] is StandardPlace
                ? PourAsync(run, sources, cancellationToken)
                : GetAsync(
                    run,
                    parse,
                    sources,
                    hasDestination ? given[^1].ToString()! : null,
                    new Settings(
                        IfExistsFlag.Read(parse.GetRequiredValue(ifExists)), parse.GetValue(transfers), RangesFlag.Read(parse.GetValue(ranges)), filters.Read(run, parse), [.. filters.FilesIn(parse)]),
                    cancellationToken);
        });
        return command;
    }

    /// <param name="IfExists">Where a name is taken.</param>
    /// <param name="Transfers">At the same time.</param>
    /// <param name="Ranges">Connections for one file; null for as many as are good.</param>
    /// <param name="Filter">What takes part.</param>
    /// <param name="RuleFiles">Files that the filter was read from.</param>
    private sealed record Settings(IfExists IfExists, int Transfers, int? Ranges, PathFilter Filter, IReadOnlyList<string> RuleFiles);

    private static async Task<ExitCode> PourAsync(Run run, Place[] sources, CancellationToken cancellationToken)
    {
        CatCommand.RefuseJson(run);
        foreach (var source in sources)
        {
            await CatCommand.WriteAsync(run, source, offset: 0, count: null, cancellationToken);
        }

        return ExitCode.Success;
    }

    private static async Task<ExitCode> GetAsync(
        Run run, ParseResult parse, Place[] sources, string? named, Settings settings, CancellationToken cancellationToken)
    {
        // Where nothing is named, "here" belongs into the job: it may be gone on with elsewhere.
        var destination = named ?? ".";
        using var noted = named is null ? run.BeginJobHere(parse, settings.RuleFiles) : run.BeginJob(parse, [named, .. settings.RuleFiles]);
        using var tally = new Tally(run, noted);
        await using var progress = run.BeginProgress();
        var runner = new GetRunner(run, settings.IfExists, tally, progress) { Ranges = settings.Ranges };
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tally.Hopeless);
        try
        {
            await Parallel.ForEachAsync(
                new GetPlan(run, destination, settings.Filter, tally).WalkAsync(sources, either.Token),
                new ParallelOptions { MaxDegreeOfParallelism = settings.Transfers, CancellationToken = either.Token },
                async (job, token) => await runner.GetAsync(job, token));
        }
        catch (OperationCanceledException) when (tally.Hopeless.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The tally knows why.
        }

        return tally.Finish("downloaded");
    }
}
