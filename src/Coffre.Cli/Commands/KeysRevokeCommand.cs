using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Output;
using Coffre.Cli.Profiles;
using Coffre.Cli.Running;
using Coffre.Cli.Scanning;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre keys revoke</c>: ends keys, by their number or by what they are.</summary>
internal static class KeysRevokeCommand
{
    private const int MostHeld = 100_000;

    public static Command Make(CommandKit kit)
    {
        var keys = new Argument<string[]>("key") { Description = "Keys to end: their numbers or names", Arity = ArgumentArity.ZeroOrMore };
        var held = kit.Flags.Switch("--stdin", "End the keys that stand in the text on standard input, whatever else it holds");
        var yes = kit.Flags.Switch("--yes", "Do not ask", "-y");
        var command = new DescribedCommand("revoke", "End keys now", ["coffre keys revoke ci", "coffre keys revoke --stdin --url https://files.example.org < leaked.txt"])
        {
            Notes = "--stdin needs no login, only an address: whoever holds a key may end it. It takes any text and finds the keys in it.",
        };
        command.Add(keys);
        command.Add(held);
        command.Add(yes);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var named = parse.GetValue(keys) ?? [];
            if (parse.GetValue(held) == named.Length > 0)
            {
                throw CliException.Usage("Name keys, or give --stdin.", "coffre keys list shows numbers and names");
            }

            await (named.Length > 0 ? RevokeNamedAsync(run, named, parse.GetValue(yes), cancellationToken) : RevokeHeldAsync(run, cancellationToken));
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task RevokeNamedAsync(Run run, string[] named, bool yes, CancellationToken cancellationToken)
    {
        var client = run.Open(run.Profile).Client;
        var current = await client.Keys.GetCurrentAsync(cancellationToken);
        var ids = new List<long>();
        foreach (var text in named)
        {
            ids.Add(await KeysCommand.FindAsync(client, text, cancellationToken) ?? current.Id);
        }

        // The one that asks goes last: without it the others could not go.
        ids = [.. ids.Distinct().OrderBy(id => id == current.Id)];
        var own = ids.Contains(current.Id) ? " One of them is the key of this profile." : "";
        await Question.AskAsync(run, yes, $"End {string.Join(", ", ids.Select(id => id.ToString(CultureInfo.InvariantCulture)))} now, for all that use them?{own}", "Nothing was revoked.", cancellationToken);
        foreach (var id in ids)
        {
            run.Report.Add(new KeyResult(await client.Keys.RevokeAsync(id, cancellationToken), Current: false) { Action = "revoked" });
        }
    }

    private static async Task RevokeHeldAsync(Run run, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var others = 0;
        await using (var input = run.World.OpenInput())
        {
            foreach (var hit in new KeyHunter().Hunt(input))
            {
                run.Hide(hit.Key);
                if (hit.Kind != KeyKind.Coffre)
                {
                    others++;
                }
                else if (found.Add(hit.Key) && found.Count > MostHeld)
                {
                    throw CliException.Usage($"There are more than {MostHeld} keys in it.", "split the input");
                }
            }
        }

        if (others > 0)
        {
            run.Report.Warn($"{others} of what stands there may be keys of 1fichier.com: only its console can renew those.");
        }

        if (found.Count == 0)
        {
            throw new CliException(ExitCode.NotFound, "not_found", "No key of a coffre-server stands in the input.", "give whole keys, 32 characters that begin with cof_");
        }

        var book = run.Profiles.Read();
        var stored = book.Profiles.GetValueOrDefault(run.Profile ?? book.Default ?? KeySource.DefaultProfile);
        var url = (run.Url ?? stored?.Url) is { } given ? ServiceUrl.Parse(given)
            : throw CliException.Usage("No address was given.", "add --url with the address of the server that the keys belong to");
        if (ServiceUrl.IsClear(url))
        {
            run.Report.Warn($"{url.Authority} is called over HTTP: the keys cross the network in clear.");
        }

        using var client = run.NewClient(url, key: null);
        run.Report.Add(new RevokedFacts(client.BaseAddress.AbsoluteUri, found.Count, await client.Keys.RevokeHeldAsync(found, cancellationToken)));
    }
}
