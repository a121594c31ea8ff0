using System.CommandLine;
using Coffre.Cli.Output;
using Coffre.Cli.Profiles;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Protocol.Api;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre keys rotate</c> and <c>regenerate</c>: another key in the place of one.</summary>
internal static class KeysReplaceCommand
{
    public static Command Rotate(CommandKit kit)
    {
        var key = Optional();
        var grace = kit.Flags.Text("--grace", "How long the old key lives on after the first use of the new one: 0 to 7d; a day if left out");
        var print = Print(kit);
        var insecure = AuthCommand.InsecureStorage(kit);
        var command = new DescribedCommand("rotate", "Replace a key, with time in which both work", ["coffre keys rotate", "coffre keys rotate ci --grace 7d"])
        {
            Notes = """
                Without a key: that of the profile. The new one is kept in the keyring and used once before it takes the old one's place; if anything
                fails, the old one stays. The key of another device is printed instead; the old one lives on until the new one is used there.
                """,
        };
        command.Add(key);
        command.Add(grace);
        command.Add(print);
        command.Add(insecure);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            TimeSpan? span = parse.GetValue(grace) is { } text ? Spans.Parse("--grace", text) : null;
            return await ReplaceAsync(
                run,
                parse.GetValue(key),
                parse.GetValue(print),
                login => new KeyRotation(run, login, parse.GetValue(insecure)).RotateAsync(span, cancellationToken),
                (client, id) => client.Keys.RotateAsync(id, span, cancellationToken),
                "rotated",
                cancellationToken);
        });
        return command;
    }

    public static Command Regenerate(CommandKit kit)
    {
        var key = Optional();
        var print = Print(kit);
        var yes = kit.Flags.Switch("--yes", "Do not ask", "-y");
        var insecure = AuthCommand.InsecureStorage(kit);
        var command = new DescribedCommand("regenerate", "End a key at once, and make another in its place", ["coffre keys regenerate", "coffre keys regenerate ci -y"])
        {
            Notes = "For a key that others know. Whatever still uses the old one is refused from now on; coffre keys rotate gives it time.",
        };
        command.Add(key);
        command.Add(print);
        command.Add(yes);
        command.Add(insecure);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            await Question.AskAsync(run, parse.GetValue(yes), "End this key now, for all that use it?", "Nothing was changed.", cancellationToken);
            return await ReplaceAsync(
                run,
                parse.GetValue(key),
                parse.GetValue(print),
                login => new KeyRotation(run, login, parse.GetValue(insecure)).RegenerateAsync(cancellationToken),
                (client, id) => client.Keys.RegenerateAsync(id, cancellationToken),
                "regenerated",
                cancellationToken);
        });
        return command;
    }

    private static Argument<string?> Optional() => new("key")
    {
        Description = "The key to replace: its number or name; that of the profile if left out",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static Option<bool> Print(CommandKit kit) =>
        kit.Flags.Switch("--print", "Print the new key also where it takes the place of one that the environment holds");

    private static async Task<ExitCode> ReplaceAsync(
        Run run,
        string? named,
        bool isPrinted,
        Func<Login, Task<KeyView>> replaceOwn,
        Func<CoffreClient, long?, Task<NewKeyAnswer>> replace,
        string action,
        CancellationToken cancellationToken)
    {
        var login = run.FindLogin(null);
        var client = run.Open(run.Profile).Client;
        var id = named is null ? null : await KeysCommand.FindAsync(client, named, cancellationToken);
        if (id is not null && id == (await client.Keys.GetCurrentAsync(cancellationToken)).Id)
        {
            id = null;
        }

        if (id is null && login.IsStored)
        {
            run.Report.Add(new KeyResult(await replaceOwn(login), Current: true) { Action = action });
            return ExitCode.Success;
        }

        if (id is null && !isPrinted)
        {
            throw CliException.Usage(
                $"The key comes from {login.From}, where coffre cannot put the new one.", "add --print, and put the new key there yourself");
        }

        KeysCommand.Show(run, await replace(client, id));
        return ExitCode.Success;
    }
}
