using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Protocol;

namespace Coffre.Cli.Profiles;

/// <summary>A key and the one service that it may be shown to.</summary>
/// <param name="Profile">Name under which this account is opened once per run.</param>
/// <param name="Url">The service.</param>
/// <param name="Key">The secret.</param>
/// <param name="From">Where the key was found, for people.</param>
internal sealed record Login(string Profile, Uri Url, string Key, string From)
{
    /// <summary>Whether a profile keeps it; else it comes from the environment.</summary>
    public required bool IsStored { get; init; }
}

/// <summary>Finds the key: file, command or variable of the environment, then the stored profile.</summary>
internal sealed class KeySource(Run run)
{
    public const string DefaultProfile = "default";

    private readonly Dictionary<string, Login> _found = new(StringComparer.Ordinal);

    /// <exception cref="CliException">There is no key, or it must not go to the address that is asked for.</exception>
    public Login Find(string? profile)
    {
        if (_found.TryGetValue(profile ?? "", out var login))
        {
            return login;
        }

        return _found[profile ?? ""] = Seek(profile);
    }

    /// <summary>Refuses a key that plainly belongs to another service than the one it would be shown to.</summary>
    /// <param name="key">As it was given.</param>
    /// <param name="url">Null where none was given.</param>
    /// <returns>Where it may go.</returns>
    public static Uri AddressFor(string key, Uri? url)
    {
        // A key of ours must not travel to 1fichier.com because somebody forgot an address, nor one of theirs to a server of ours.
        var isOurs = key.Trim().StartsWith(ApiKey.Prefix, StringComparison.Ordinal);
        return (url, isOurs) switch
        {
            (null, true) => throw CliException.Usage("This is the key of a coffre-server, but no address was given.", "add --url, or set COFFRE_URL, with the address of the server"),
            (null, false) => CoffreClientOptions.OneFichier,
            ({ } given, true) when ServiceUrl.IsOneFichier(given) =>
                throw CliException.Usage("This is the key of a coffre-server; it is not shown to 1fichier.com.", "give the address of the server with --url"),
            ({ } given, false) when !ServiceUrl.IsOneFichier(given) => throw CliException.Usage(
                $"This is no key of a coffre-server, for those begin with {ApiKey.Prefix}; it is not shown to {given.Authority}.",
                "if it is a key of 1fichier.com, leave --url and COFFRE_URL out"),
            ({ } given, _) => given,
        };
    }

    private Login Seek(string? profile)
    {
        var book = run.Profiles.Read();
        var name = profile ?? book.Default ?? DefaultProfile;
        var stored = book.Profiles.GetValueOrDefault(name);
        if (FromEnvironment() is { } found)
        {
            var (key, from) = found;
            run.Hide(key);
            var clean = LogIn.Read(run, key, $"The key from {from}");
            return new Login(name, AddressFor(clean, (run.Url ?? stored?.Url) is { } given ? ServiceUrl.Parse(given) : null), clean, from) { IsStored = false };
        }

        if (stored is null)
        {
            throw profile is not null and not DefaultProfile
                ? new CliException(ExitCode.NotLoggedIn, "not_logged_in", $"There is no profile '{profile}'.", $"coffre auth login --profile {profile}")
                : new CliException(ExitCode.NotLoggedIn, "not_logged_in", "No key: nobody is logged in.", "coffre auth login, or set COFFRE_API_KEY_FILE");
        }

        var home = ServiceUrl.Parse(stored.Url);
        if (run.Url is { } asked && !ServiceUrl.IsSame(ServiceUrl.Parse(asked), home))
        {
            throw CliException.Usage(
                $"The key of profile '{name}' belongs to {home.Authority} and is not shown to {ServiceUrl.Parse(asked).Authority}.",
                "log in there with another --profile, or unset COFFRE_URL");
        }

        var secret = run.Vault.Find(name, stored) ?? throw new CliException(
            ExitCode.NotLoggedIn, "not_logged_in", $"The keyring has no key of profile '{name}' for {home.Authority}.", $"coffre auth login --profile {name} --url {home.Authority}");
        return new Login(name, home, secret, $"profile '{name}'") { IsStored = true };
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
