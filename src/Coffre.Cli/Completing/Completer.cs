using System.CommandLine;
using System.CommandLine.Completions;
using Coffre.Cli.Running;

namespace Coffre.Cli.Completing;

/// <summary>What may stand at the place where somebody pressed the tabulator. Asks this machine alone.</summary>
internal sealed class Completer(RootCommand root, Run run)
{
    /// <summary>One proposal.</summary>
    /// <param name="Text">The whole word.</param>
    /// <param name="Description">For shells that show one; may be empty.</param>
    public readonly record struct Proposal(string Text, string Description);

    /// <param name="words">The words before the one that is being written, without the name of the program.</param>
    /// <param name="current">What is there of it; may be empty.</param>
    public async Task<IReadOnlyList<Proposal>> ProposeAsync(IReadOnlyList<string> words, string current, CancellationToken cancellationToken)
    {
        var (command, optionsEnd, pending) = Walk(words);
        if (pending is not null)
        {
            return Fitting(ValuesOf(pending), current);
        }

        if (current.StartsWith('-') && !optionsEnd)
        {
            return Fitting(OptionsOf(command), current);
        }

        var commands = Fitting(command.Subcommands.Where(below => !below.Hidden).Select(below => new Proposal(below.Name, FirstLine(below.Description))), current);
        if (commands.Count > 0 || command.Arguments.Count == 0)
        {
            return commands;
        }

        var own = Fitting(command.Arguments.SelectMany(argument => argument.GetCompletions(CompletionContext.Empty)).Select(ItemOf), current);
        return own.Count > 0 ? own : await new PathProposals(run).ListAsync(current, cancellationToken);
    }

    /// <summary>Follows the words: which command they reach, and which option still waits for its value.</summary>
    private (Command Command, bool OptionsEnd, Option? Pending) Walk(IReadOnlyList<string> words)
    {
        Command command = root;
        Option? pending = null;
        foreach (var word in words)
        {
            if (pending is not null)
            {
                pending = null;
            }
            else if (word is "--")
            {
                return (command, true, null);
            }
            else if (word.StartsWith('-'))
            {
                pending = word.Contains('=', StringComparison.Ordinal) ? null : Options(command).FirstOrDefault(option => Names(option).Contains(word, StringComparer.Ordinal) && TakesValue(option));
            }
            else
            {
                command = command.Subcommands.FirstOrDefault(below => below.Name == word || below.Aliases.Contains(word)) ?? command;
            }
        }

        return (command, false, pending);
    }

    private IEnumerable<Proposal> ValuesOf(Option option) => option.Name is "--profile"
        ? Profiles().Select(name => new Proposal(name, "profile"))
        : option.GetCompletions(CompletionContext.Empty).Select(ItemOf);

    private IEnumerable<Proposal> OptionsOf(Command command) =>
        Options(command).Where(option => !option.Hidden).Select(option => new Proposal(option.Name, FirstLine(option.Description)));

    private IEnumerable<Option> Options(Command command) =>
        command.Options.Concat(root.Options.Where(option => option.Recursive && !command.Options.Contains(option))).DistinctBy(option => option.Name, StringComparer.Ordinal);

    private string[] Profiles()
    {
        try
        {
            return [.. run.Profiles.Read().Profiles.Keys];
        }
        catch (CliException)
        {
            return [];
        }
    }

    private static IEnumerable<string> Names(Option option) => option.Aliases.Prepend(option.Name);

    private static bool TakesValue(Option option) => option.Arity.MinimumNumberOfValues > 0;

    private static Proposal ItemOf(CompletionItem item) => new(item.Label, "");

    private static string FirstLine(string? text) => text?.Split('\n')[0] ?? "";

    private static IReadOnlyList<Proposal> Fitting(IEnumerable<Proposal> proposals, string current) =>
        [.. proposals.Where(proposal => proposal.Text.StartsWith(current, StringComparison.Ordinal)).OrderBy(proposal => proposal.Text, StringComparer.Ordinal)];
}
