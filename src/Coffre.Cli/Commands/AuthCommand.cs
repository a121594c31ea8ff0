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
            Login(kit), Status(kit), Logout(kit),
        };

    private static DescribedCommand Login(CommandKit kit)
    {
        var command = new DescribedCommand("login", "Store a key, once it is seen to work", ["coffre auth login --url https://files.example.org", "pass show coffre | coffre auth login --profile work --url files.example.org"])
        {
            Notes = """
                The key is asked for without echo, or read from standard input; it is never an argument, where other users could see it.
                It is kept in clear in a file that only you can read, and shown to that address only.
                """,
        };
        kit.Does(command, async (run, _, cancellationToken) =>
        {
            var name = run.Profile ?? KeySource.DefaultProfile;
            if (!Places.Place.IsProfileName(name))
            {
                throw CliException.Usage($"'{name}' cannot be the name of a profile.", "take 2 to 32 letters, digits, '-' or '_'");
            }

            var key = await ReadKeyAsync(run, cancellationToken);
            var url = AddressFor(run, key);
            using var client = run.NewClient(url, key);
            await client.ListFolderAsync(RemoteFolder.RootId, cancellationToken);

            var book = run.Profiles.Read();
            book.Profiles[name] = new Profile(client.BaseAddress.AbsoluteUri, key);
            run.Profiles.Write(book with { Default = book.Default is { } old && book.Profiles.ContainsKey(old) ? old : name });
            run.Report.Add(new LoginFacts { Profile = name, Url = client.BaseAddress.AbsoluteUri, State = "stored", StoredIn = run.Profiles.Path });
            return ExitCode.Success;
        });
        return command;
    }

    private static DescribedCommand Status(CommandKit kit)
    {
        var command = new DescribedCommand("status", "Show which key would be used, and whether it works", ["coffre auth status", "coffre auth status --profile work --json"]);
        kit.Does(command, async (run, _, cancellationToken) =>
        {
            var login = new KeySource(run).Find(run.Profile);
            var account = run.Open(run.Profile);
            var facts = new LoginFacts { Profile = login.Profile, Url = account.Client.BaseAddress.AbsoluteUri, KeyFrom = login.From, Key = ApiKey.Mask(login.Key), State = "works" };
            try
            {
                await account.Client.ListFolderAsync(RemoteFolder.RootId, cancellationToken);
            }
            catch (CoffreException)
            {
                run.Report.Add(facts with { State = "refused" });
                throw;
            }

            run.Report.Add(facts);
            return ExitCode.Success;
        });
        return command;
    }

    private static DescribedCommand Logout(CommandKit kit)
    {
        var command = new DescribedCommand("logout", "Forget a stored key", ["coffre auth logout", "coffre auth logout --profile work"]);
        kit.Does(command, (run, _, _) =>
        {
            var book = run.Profiles.Read();
            var name = run.Profile ?? book.Default ?? KeySource.DefaultProfile;
            if (!book.Profiles.Remove(name, out var profile))
            {
                throw CliException.NotFound($"There is no profile '{name}'.");
            }

            var isDefault = string.Equals(book.Default, name, StringComparison.Ordinal);
            run.Profiles.Write(book with { Default = isDefault ? book.Profiles.Keys.FirstOrDefault() : book.Default });
            run.Report.Add(new LoginFacts { Profile = name, Url = profile.Url, State = "removed" });
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static async Task<string> ReadKeyAsync(Run run, CancellationToken cancellationToken)
    {
        string? given;
        if (run.World.IsInputTerminal)
        {
            run.ErrorOutput.Write("API key (it is not shown): ");
            run.ErrorOutput.Flush();

            // The thread that waits for keys cannot be stopped; it is left behind.
            given = await Task.Run(run.World.ReadSecret, cancellationToken).WaitAsync(cancellationToken);
            run.ErrorOutput.WriteLine();
        }
        else
        {
            using var reader = new StreamReader(run.World.OpenInput());
            given = await reader.ReadLineAsync(cancellationToken);
        }

        var key = KeyForms.Clean(given ?? "", out var wasTrimmed);
        run.Hide(key);
        if (wasTrimmed)
        {
            run.Report.Note("The key had blanks around it; they were left out.");
        }

        return KeyForms.Trouble(key) is { } trouble
            ? throw new CliException(ExitCode.NotLoggedIn, "bad_key", $"The key {trouble.Message}.", trouble.Advice)
            : key;
    }

    private static Uri AddressFor(Run run, string key)
    {
        var isOurs = ApiKey.IsWellFormed(key);
        if (run.Url is not { } given)
        {
            return isOurs
                ? throw CliException.Usage("This is the key of a coffre-server, but no address was given.", "add --url with the address of the server")
                : CoffreClientOptions.OneFichier;
        }

        var url = ServiceUrl.Parse(given);
        if (isOurs && ServiceUrl.IsOneFichier(url))
        {
            throw CliException.Usage("This is the key of a coffre-server; it is not shown to 1fichier.com.", "give the address of the server with --url");
        }

        if (ServiceUrl.IsClear(url))
        {
            run.Report.Warn($"{url.Authority} is called over HTTP: the key and all files cross the network in clear.");
        }

        return url;
    }
}
