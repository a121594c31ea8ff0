using System.CommandLine;

namespace Coffre.Cli.Running;

/// <summary>A command that explains itself with examples.</summary>
internal sealed class DescribedCommand(string name, string description, string[] examples) : Command(name, description)
{
    /// <summary>What needs saying beyond the flags.</summary>
    public string? Notes { get; set; }

    public IReadOnlyList<string> Examples => examples;

    public void WriteMore(TextWriter output)
    {
        if (Notes is not null)
        {
            output.WriteLine(Notes);
            output.WriteLine();
        }

        output.WriteLine("Examples:");
        foreach (var example in examples)
        {
            output.WriteLine("  " + example);
        }

        output.WriteLine();
    }
}

/// <summary>What a command needs to be made, and the one place where its run begins and ends.</summary>
internal sealed class CommandKit(Surroundings world, Output.Sink sink, Flags flags, CancellationToken stop)
{
    public Flags Flags => flags;

    public void Does(Command command, Func<Run, ParseResult, CancellationToken, Task<ExitCode>> work) =>
        command.SetAction(async (parse, _) => (int)await RunAsync(parse, work));

    /// <summary>Runs another command line in the place of this one.</summary>
    /// <param name="parse">This one.</param>
    /// <param name="choose">Says in which surroundings which other is run.</param>
    public async Task<ExitCode> RunInsteadAsync(ParseResult parse, Func<Run, (Surroundings World, string[] Words)> choose)
    {
        var chosen = (world, Array.Empty<string>());
        var found = await RunAsync(parse, (run, _, _) =>
        {
            chosen = choose(run);
            return Task.FromResult(ExitCode.Success);
        }, isWhole: false);
        return found == ExitCode.Success
            ? (ExitCode)await App.RunAsync(chosen.Item2, chosen.Item1, stop)
            : found;
    }

    /// <summary>Flags of this command line that another has not: how much to say, how often to try.</summary>
    public IEnumerable<string> FlagsOf(ParseResult parse, IReadOnlyCollection<string> words) => flags.Everywhere
        .Where(flag => parse.GetResult(flag) is { Implicit: false } && !words.Contains(flag.Name, StringComparer.Ordinal))
        .SelectMany(flag => parse.GetResult(flag)!.Tokens.Select(token => token.Value).Prepend(flag.Name));

    private async Task<ExitCode> RunAsync(ParseResult parse, Func<Run, ParseResult, CancellationToken, Task<ExitCode>> work, bool isWhole = true)
    {
        using var run = new Run(world, sink, flags, parse);
        ExitCode exitCode;
        try
        {
            exitCode = await work(run, parse, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            exitCode = run.Report.Fail(new Output.ErrorReport(
                "interrupted", "Stopped.", "run the same command again to go on: what is done is skipped, a download continues where it was", (int)world.StopCode()));
        }
        catch (IOException exception) when (PipeOutput.IsClosedPipe(exception))
        {
            exitCode = ExitCode.PipeClosed;
        }
        catch (Exception exception)
        {
            exitCode = run.Report.Fail(exception);
            if (run.IsDebug && Output.Report.Describe(exception).Code is "internal_error")
            {
                run.Report.Note(exception.ToString());
            }
        }

        if (isWhole || exitCode != ExitCode.Success)
        {
            run.Conclude();
            run.Report.Close(exitCode);
        }

        return exitCode;
    }
}
