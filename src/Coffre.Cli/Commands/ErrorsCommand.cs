using System.CommandLine;
using Coffre.Cli.Catalogue;
using Coffre.Cli.Running;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre errors</c>: what codes and numbers mean, without asking anybody.</summary>
internal static class ErrorsCommand
{
    public static Command Make(CommandKit kit) =>
        new DescribedCommand("errors", "Say what error codes, numbers of the service and exit codes mean", ["coffre errors explain 374", "coffre errors list"])
        {
            Subcommands = { Explain(kit), List(kit) },
        };

    private static DescribedCommand Explain(CommandKit kit)
    {
        var codes = new Argument<string[]>("code")
        {
            Description = "Names such as quota_exceeded, numbers of the service such as 374 or '#374', exit codes",
            Arity = ArgumentArity.OneOrMore,
        };
        codes.CompletionSources.Add(_ => ErrorCatalogue.All.Select(facts => new System.CommandLine.Completions.CompletionItem(facts.Code!)));
        var command = new DescribedCommand("explain", "Explain one or several codes", ["coffre errors explain quota_exceeded", "coffre errors explain 374 7 --json"])
        {
            codes,
        };
        command.Notes = """
            A number may be an exit code and a number of the service at once; both are explained. Numbers of 1fichier.com move with its
            releases, so its refusals are told apart by their text first; what has neither a known text nor a known number is 'refused'.
            """;
        kit.Does(command, (run, parse, _) =>
        {
            foreach (var code in parse.GetRequiredValue(codes))
            {
                var found = ErrorCatalogue.Find(code).ToArray();
                Array.ForEach(found.Length > 0 ? found : throw CliException.NotFound($"Nothing is known of '{code}'.", "coffre errors list shows what is; a number that is missing there counts as 'refused'"), run.Report.Add);
            }

            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static DescribedCommand List(CommandKit kit)
    {
        var command = new DescribedCommand("list", "List all codes with their exit codes", ["coffre errors list", "coffre errors list --json"]);
        kit.Does(command, (run, _, _) =>
        {
            foreach (var facts in ErrorCatalogue.All.OrderBy(facts => facts.ExitCode).ThenBy(facts => facts.Code, StringComparer.Ordinal))
            {
                run.Report.Add(facts with { IsShort = true });
            }

            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }
}
