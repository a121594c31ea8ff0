using System.CommandLine;
using Coffre.Cli.Output;
using Coffre.Cli.Profiles;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Protocol;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre auth</c>: log in, see how one is logged in, log out.</summary>
internal static class AuthCommand
{
    public static Command Make(CommandKit kit) =>
        new DescribedCommand("auth", "Log in, out, and see how you are logged in", ["coffre auth login --url https://files.example.org", "coffre auth status"])
        {
            Login(kit), Status(kit), Migrate(kit), Logout(kit),
        };

    /// <summary>The flag of every command that keeps a key.</summary>
    public static Option<bool> InsecureStorage(CommandKit kit) =>
        kit.Flags.Switch("--insecure-storage", "Where there is no keyring: keep the key in clear, in a file that only you can read");

    private static DescribedCommand Login(CommandKit kit)
    {
        var insecure = InsecureStorage(kit);
        var command = new DescribedCommand("login", "Store a key in the keyring, once it is seen to work", ["coffre auth login --url https://files.example.org", "pass show coffre | coffre auth login --profile work --url files.example.org"])
        {
            Notes = """
                The key is asked for without echo, or read from standard input; it is never an argument, where other users could see it.
                It is shown to that address only, and to none that does not answer like a service of this kind.
                """,
        };
        command.Add(insecure);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var name = LogIn.NameOf(run.Profile);
            var key = LogIn.Read(run, await AskAsync(run, "API key", cancellationToken), "The key");
            run.Report.Add(await LogIn.RunAsync(run, name, key, parse.GetValue(insecure), cancellationToken));
            return ExitCode.Success;
        });
        return command;
    }

    private static DescribedCommand Status(CommandKit kit)
    {
        var command = new DescribedCommand("status", "Show which key would be used, and whether it works", ["coffre auth status", "coffre auth status --profile work --json"]);
        kit.Does(command, async (run, _, cancellationToken) =>
        {
            var login = run.FindLogin(null);
            var client = run.Open(run.Profile).Client;
            var facts = new LoginFacts { Profile = login.Profile, Url = client.BaseAddress.AbsoluteUri, KeyFrom = login.From, Key = ApiKey.Mask(login.Key), State = "refused" };
            try
            {
                var known = LogIn.FactsOf(await LogIn.CheckAsync(client, cancellationToken));
                run.Report.Add(known with { Profile = facts.Profile, Url = facts.Url, KeyFrom = facts.KeyFrom, Key = facts.Key });
                return ExitCode.Success;
            }
            catch (CoffreException)
            {
                run.Report.Add(facts);
                throw;
            }
        });
        return command;
    }

    private static DescribedCommand Migrate(CommandKit kit)
    {
        var command = new DescribedCommand("migrate", "Move keys that lie in the profile file into the keyring", ["coffre auth migrate", "coffre auth migrate --profile work"])
        {
            Notes = "Moves all profiles, or that of --profile. Copies of the file, such as backups, keep the key: coffre keys rotate makes it worthless.",
        };
        kit.Does(command, (run, _, _) =>
        {
            var book = run.Profiles.Read();
            if (run.Profile is { } asked && !book.Profiles.ContainsKey(asked))
            {
                throw CliException.NotFound($"There is no profile '{asked}'.", "coffre auth login stores one");
            }

            foreach (var name in run.Profile is { } one ? [one] : book.Profiles.Keys.ToArray())
            {
                var moved = run.Vault.Migrate(name);
                run.Report.Add(new LoginFacts { Profile = name, Url = book.Profiles[name].Url, State = moved ? "moved" : "already there", StoredIn = run.World.Keyring.Name });
            }

            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static DescribedCommand Logout(CommandKit kit)
    {
        var command = new DescribedCommand("logout", "Forget a stored key", ["coffre auth logout", "coffre auth logout --profile work"])
        {
            Notes = "The key itself stays good: coffre keys revoke ends it.",
        };
        kit.Does(command, (run, _, _) =>
        {
            var book = run.Profiles.Read();
            var name = run.Profile ?? book.Default ?? KeySource.DefaultProfile;
            if (!book.Profiles.TryGetValue(name, out var profile))
            {
                throw CliException.NotFound($"There is no profile '{name}'.", "coffre auth login stores one");
            }

            run.Vault.Forget(name);
            run.Report.Add(new LoginFacts { Profile = name, Url = profile.Url, State = "removed" });
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    /// <summary>A secret, from whoever sits there or from standard input.</summary>
    public static async Task<string?> AskAsync(Run run, string what, CancellationToken cancellationToken)
    {
        if (!run.World.IsInputTerminal)
        {
            using var reader = new StreamReader(run.World.OpenInput());
            return await reader.ReadLineAsync(cancellationToken);
        }

        run.ErrorOutput.Write(what + " (it is not shown): ");
        run.ErrorOutput.Flush();

        // The thread that waits for keys cannot be stopped; it is left behind.
        var given = await Task.Run(run.World.ReadSecret, cancellationToken).WaitAsync(cancellationToken);
        run.ErrorOutput.WriteLine();
        return given;
    }
}
