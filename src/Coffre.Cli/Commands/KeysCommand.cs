using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Profiles;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Protocol;
using Coffre.Protocol.Api;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre keys</c>: the keys of an account on a coffre-server.</summary>
internal static class KeysCommand
{
    public static Command Make(CommandKit kit) =>
        new DescribedCommand("keys", "List, make, replace and revoke keys, and find those that lie about", ["coffre keys list", "coffre keys new ci --scopes read,write --expires 90d"])
        {
            Notes = "1fichier.com has one key for each account, which its console renews; all but scan want a coffre-server.",
            Subcommands = { List(kit), New(kit), Rename(kit), KeysReplaceCommand.Rotate(kit), KeysReplaceCommand.Regenerate(kit), KeysRevokeCommand.Make(kit), KeysScanCommand.Make(kit) },
        };

    /// <summary>The argument that names a key.</summary>
    public static Argument<string> KeyArgument(string description) =>
        new("key") { Description = description + ": its number, its name, or 'current' for the one in use" };

    /// <summary>The key that is meant; null for the one in use.</summary>
    public static async Task<long?> FindAsync(CoffreClient client, string text, CancellationToken cancellationToken)
    {
        if (text is ApiPaths.Current)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return id;
        }

        List<KeyView> named = [];
        await foreach (var key in client.Keys.ListAsync(cancellationToken))
        {
            if (string.Equals(key.Name, text, StringComparison.Ordinal) && IsAlive(key))
            {
                named.Add(key);
            }
        }

        return named switch
        {
            [var one] => one.Id,
            [] => throw CliException.NotFound($"No living key is called '{text}'.", "coffre keys list"),
            _ => throw CliException.Conflict(
                $"Several keys are called '{text}': {string.Join(", ", named.Select(key => key.Id.ToString(CultureInfo.InvariantCulture)))}.", "give the number of one"),
        };
    }

    private static bool IsAlive(KeyView key) => key.State is "active" or "pending";

    private static DescribedCommand List(CommandKit kit)
    {
        var all = kit.Flags.Switch("--all", "Also those that ended");
        var command = new DescribedCommand("list", "List the keys of the account", ["coffre keys list", "coffre keys list --all --json"])
        {
            Notes = "A star marks the key that asks. Last uses are told coarsely: to the minute, by network and kind of program.",
        };
        command.Add(all);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var client = run.Open(run.Profile).Client;
            var current = await client.Keys.GetCurrentAsync(cancellationToken);
            await foreach (var key in client.Keys.ListAsync(cancellationToken))
            {
                if (parse.GetValue(all) || IsAlive(key))
                {
                    run.Report.Add(new KeyResult(key, key.Id == current.Id));
                }
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static DescribedCommand New(CommandKit kit)
    {
        var name = new Argument<string>("name") { Description = "What it is for: 1 to 100 characters" };
        var scopes = kit.Flags.Text("--scopes", $"What it may be used for, with commas between: {string.Join(", ", KeyScopeNames.All)}. All that yours may, if left out");
        var folder = kit.Flags.Text("--folder", "The one folder that it sees, as a path such as :/Photos or a number");
        var networks = kit.Flags.Text("--networks", "Where it may be used from, with commas between, such as 192.0.2.0/24");
        var expires = kit.Flags.Text("--expires", "How long it is good, such as 90d");
        var rate = kit.Flags.Number("--calls-per-second", "Its own rate; 0 is that of all keys", 0, 0, 1_000_000);
        var command = new DescribedCommand("new", "Make a key and print it, this once", ["coffre keys new ci --scopes read,write --expires 90d", "coffre keys new phone --folder :/Photos --scopes read"])
        {
            Notes = "Standard output has the key alone. Nobody can ask for it again.",
        };
        Symbol[] all = [name, scopes, folder, networks, expires, rate];
        command.Add(name);
        all.OfType<Option>().ToList().ForEach(command.Add);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var account = run.Open(run.Profile);
            var issued = await account.Client.Keys.CreateAsync(
                new NewKeyRequest
                {
                    Name = parse.GetRequiredValue(name),
                    Scopes = Words(parse.GetValue(scopes)),
                    Networks = Words(parse.GetValue(networks)),
                    RootFolderId = parse.GetValue(folder) is { } path ? await FolderIdAsync(run, account, path, cancellationToken) : null,
                    ExpiresAt = parse.GetValue(expires) is { } span ? run.World.Time.GetUtcNow() + Spans.Parse("--expires", span) : null,
                    CallsPerSecond = parse.GetValue(rate) is > 0 and var calls ? calls : null,
                },
                cancellationToken);
            Show(run, issued);
            return ExitCode.Success;
        });
        return command;
    }

    private static DescribedCommand Rename(CommandKit kit)
    {
        var key = KeyArgument("The key to rename");
        var name = new Argument<string>("name") { Description = "Its new name: 1 to 100 characters" };
        var command = new DescribedCommand("rename", "Give a key another name", ["coffre keys rename 12 laptop", "coffre keys rename current nas"]) { key, name };
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var client = run.Open(run.Profile).Client;
            var id = await FindAsync(client, parse.GetRequiredValue(key), cancellationToken) ?? (await client.Keys.GetCurrentAsync(cancellationToken)).Id;
            run.Report.Add(new KeyResult(await client.Keys.RenameAsync(id, parse.GetRequiredValue(name), cancellationToken), Current: false) { Action = "renamed" });
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>Prints a key that was made.</summary>
    public static void Show(Run run, NewKeyAnswer issued)
    {
        run.Hide(issued.Secret);
        run.Reveal(issued.Secret);
        run.Report.Add(new SecretResult(issued.Key, issued.Secret));
        run.Report.Note($"Key {issued.Key.Id} '{issued.Key.Name}' may {string.Join(", ", issued.Key.Scopes ?? [])}. It is shown this once: keep it like a master password.");
    }

    private static string[]? Words(string? text) => text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static async Task<long> FolderIdAsync(Run run, Account account, string path, CancellationToken cancellationToken)
    {
        if (long.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return id;
        }

        var found = await Finder.GetAsync(run, Place.ParsePath(path), cancellationToken);
        return found is FoundFolder folder && ReferenceEquals(folder.Account, account)
            ? folder.Folder.Id
            : throw CliException.Usage($"{path} is no folder of this account.", "name a folder, such as :/Photos");
    }
}
