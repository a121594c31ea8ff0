using System.CommandLine;
using Coffre.Cli.Health;
using Coffre.Cli.Running;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre doctor</c>: looks at everything that a run needs, and names a cure for what is wrong.</summary>
internal static class DoctorCommand
{
    public static Command Make(CommandKit kit)
    {
        var offline = kit.Flags.Switch("--offline", "Look at this machine alone; no name is looked up and nothing is asked");
        var command = new DescribedCommand("doctor", "Look for what is wrong, and say how to mend it", ["coffre doctor", "coffre doctor --profile work --json"])
        {
            offline,
        };
        command.Notes = """
            Looks at settings and state, keyring, disk, proxy, DNS, TLS, the request budget, the key and the clock. The service is asked once at
            most. Works without a login. Ends with the exit code of the first problem, with 0 if there are warnings alone.
            """;
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            List<FindingResult> findings = [];
            foreach (var finding in new LocalChecks(run).List())
            {
                Add(finding);
            }

            if (!parse.GetValue(offline))
            {
                await foreach (var finding in new ServiceChecks(run).ListAsync(cancellationToken))
                {
                    Add(finding);
                }
            }

            return Conclude(run, findings);

            void Add(FindingResult finding)
            {
                // What a service says may quote a secret.
                var clean = finding with { Message = run.CleanMessage(finding.Message), Cure = finding.Cure is { } cure ? run.CleanMessage(cure) : null };
                findings.Add(clean);
                run.Report.Add(clean);
            }
        });
        return command;
    }

    private static ExitCode Conclude(Run run, List<FindingResult> findings)
    {
        if (findings.Find(finding => finding.State is FindingResult.Problem) is not { } first)
        {
            return ExitCode.Success;
        }

        var count = findings.Count(finding => finding.State is FindingResult.Problem);
        return run.Report.Fail(new Output.ErrorReport("unhealthy", count == 1 ? "1 problem was found." : $"{count} problems were found.", first.Cure, first.ExitCode!.Value));
    }
}
