using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Protocol;

namespace Coffre.Cli.Profiles;

/// <summary>A key and the one service that it may be shown to.</summary>
/// <param name="Profile">Name under which this account is opened once per run.</param>
/// <param name="Url">The service.</param>
/// <param name="Key">The secret.</param>
/// <param name="From">Where the key was found, for people.</param>
internal sealed record Login(string Profile, Uri Url, string Key, string From);

/// <summary>Finds the key: file, command or variable of the environment, then the stored profile.</summary>
internal sealed class KeySource(Run run)
{
    public const string DefaultProfile = "default";

    /// <exception cref="CliException">There is no key, or it must not go to the address that is asked for.</exception>
    public Login Find(string? profile)
    {
        var book = run.Profiles.Read();
        var name = profile ?? book.Default ?? DefaultProfile;
        var stored = book.Profiles.GetValueOrDefault(name);
        if (stored is null && profile is not null and not DefaultProfile && FromEnvironment() is null)
        {
            throw new CliException(ExitCode.NotLoggedIn, "not_logged_in", $"There is no profile '{profile}'.", $"coffre auth login --profile {profile}");
        }

        if (FromEnvironment() is { } found)
        {
            var (key, from) = found;
            run.Hide(key);
            return new Login(name, AddressFor(key, stored), Clean(key, from), from);
        }

        if (stored is null)
        {
            throw new CliException(ExitCode.NotLoggedIn, "not_logged_in", "No key: nobody is logged in.", "coffre auth login, or set COFFRE_API_KEY_FILE");
        }

        if (run.Profiles.FindLeak() is { } leak)
        {
            run.Report.Warn(leak);
        }

        var home = ServiceUrl.Parse(stored.Url);
        if (run.Url is { } asked && !ServiceUrl.IsSame(ServiceUrl.Parse(asked), home))
        {
            throw CliException.Usage(
                $"The key of profile '{name}' belongs to {home.Authority} and is not shown to {ServiceUrl.Parse(asked).Authority}.",
                "log in there with another --profile, or unset COFFRE_URL");
        }

        return new Login(name, home, stored.Key, $"profile '{name}'");
    }

    private Uri AddressFor(string key, Profile? stored)
    {
        if ((run.Url ?? stored?.Url) is { } given)
        {
            return ServiceUrl.Parse(given);
        }

        // A key of ours must not travel to 1fichier.com because somebody forgot an address.
        return key.Trim().StartsWith(ApiKey.Prefix, StringComparison.Ordinal)
            ? throw CliException.Usage("This is the key of a coffre-server, but no address was given.", "set COFFRE_URL or --url to the address of the server")
            : CoffreClientOptions.OneFichier;
    }

    private string Clean(string key, string from)
    {
        var form = KeyForms.Clean(key, out var wasTrimmed);
        if (wasTrimmed)
        {
            run.Report.Note($"The key from {from} had blanks around it; they were left out.");
        }

        run.Hide(form);
        return KeyForms.Trouble(form) is { } trouble
            ? throw new CliException(ExitCode.NotLoggedIn, "bad_key", $"The key from {from} {trouble.Message}.", trouble.Advice)
            : form;
    }

    private (string Key, string From)? FromEnvironment()
    {
        if (Set("COFFRE_API_KEY_FILE") is { } path)
        {
            try
            {
                return (File.ReadAllText(path).TrimEnd('\r', '\n'), "COFFRE_API_KEY_FILE");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw CliException.Usage($"COFFRE_API_KEY_FILE names a file that cannot be read: {exception.Message}");
            }
        }

        if (Set("COFFRE_API_KEY_COMMAND") is { } command)
        {
            return (KeyCommand.Run(command), "COFFRE_API_KEY_COMMAND");
        }

        return Set("COFFRE_API_KEY") is { } key ? (key, "COFFRE_API_KEY") : null;
    }

    private string? Set(string variable) => run.World.Variable(variable) is { Length: > 0 } text ? text : null;
}
