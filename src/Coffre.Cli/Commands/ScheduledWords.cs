using System.CommandLine;
using Coffre.Cli.Remote;
using Coffre.Cli.Running;
using Coffre.Protocol;

namespace Coffre.Cli.Commands;

/// <summary>Which commands can run at times of their own.</summary>
internal static class ScheduledWords
{
    // What makes no sense without a person, or would start itself.
    private static readonly string[] Barred = ["job", "scheduler", "complete", "completion", "auth"];

    /// <summary>Only commands of coffre, written right, that need nobody, and without a secret in them.</summary>
    public static void Check(Run run, RootCommand root, string[] words)
    {
        foreach (var word in words.Where(word => ApiKey.Judge(word.Split('=')[^1]) is KeyForm.Coffre or KeyForm.Foreign or KeyForm.WrongChecksum))
        {
            run.Hide(word.Split('=')[^1]);
        }

        var addresses = words.SelectMany(AddressesIn).SelectMany(SourceUrl.SecretsIn).ToArray();
        Array.ForEach(addresses, run.Hide);
        if (addresses.Length > 0 || words.TakeWhile(word => word is not "--").Any(IsHeader))
        {
            throw CliException.Usage(
                "An address with a password or a token, or a header, is in the command. It would lie on disk in clear.", "write it into a file that only you can read: --from-file, --header-file");
        }

        if (words.Any(word => run.CleanMessage(word) != word) || words.Any(App.IsKeyFlag))
        {
            throw CliException.Usage("There is a secret in the command. It would lie on disk in clear.", "log in with coffre auth login, or set COFFRE_API_KEY_FILE");
        }

        var inner = root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (inner.Errors.Count > 0 || inner.CommandResult.Command is RootCommand or { Action: null })
        {
            throw CliException.Usage(
                $"That is no command of coffre: {string.Join(" ", inner.Errors.Select(error => error.Message).Distinct(StringComparer.Ordinal))}".TrimEnd(' ', ':'), "write it after -- as you would after coffre");
        }

        // The parser takes a flag that it does not know for a path.
        var known = inner.CommandResult.Command.Options.Concat(root.Options).SelectMany(option => option.Aliases.Prepend(option.Name)).ToHashSet(StringComparer.Ordinal);
        if (words.TakeWhile(word => word is not "--").FirstOrDefault(word => word.StartsWith("--", StringComparison.Ordinal) && !known.Contains(word.Split('=', ':')[0])) is { } unknown)
        {
            throw CliException.Usage($"coffre {inner.CommandResult.Command.Name} has no {unknown}.", $"see coffre {inner.CommandResult.Command.Name} --help");
        }

        var top = inner.CommandResult.Command;
        while (top.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand)
        {
            top = parent;
        }

        if (Barred.Contains(top.Name, StringComparer.Ordinal))
        {
            throw CliException.Usage($"coffre {top.Name} cannot be scheduled.", "schedule what it would do instead");
        }
    }

    /// <summary>The word, and the value of the flag that it may be.</summary>
    private static IEnumerable<string> AddressesIn(string word) =>
        word.StartsWith("--", StringComparison.Ordinal) && word.IndexOfAny(['=', ':']) is > 0 and var at ? [word[(at + 1)..]] : [word];

    private static bool IsHeader(string word) => word.Split('=', ':')[0] is "--header";
}
