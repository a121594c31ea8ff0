using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Protocol;
using Coffre.Protocol.Api;

namespace Coffre.Cli.Profiles;

/// <summary>Sees that a key works before it is kept, and shows it to no stranger on the way.</summary>
internal static class LogIn
{
    /// <summary>The profile that is meant, if it may be called so.</summary>
    public static string NameOf(string? profile)
    {
        var name = profile ?? KeySource.DefaultProfile;
        return Places.Place.IsProfileName(name) ? name
            : throw CliException.Usage($"'{name}' cannot be the name of a profile.", "take 2 to 32 letters, digits, '-' or '_'");
    }

    /// <summary>The text as a key, or what is wrong with it.</summary>
    public static string Read(Run run, string? text, string what)
    {
        var key = KeyForms.Clean(text ?? "", out var wasTrimmed);
        run.Hide(key);
        if (wasTrimmed)
        {
            run.Report.Note($"{what} had blanks around it; they were left out.");
        }

        return KeyForms.Trouble(key) is { } trouble
            ? throw new CliException(ExitCode.NotLoggedIn, "bad_key", $"{what} {trouble.Message}.", trouble.Advice)
            : key;
    }

    public static async Task<LoginFacts> RunAsync(Run run, string name, string key, bool isInsecureAllowed, CancellationToken cancellationToken)
    {
        var url = KeySource.AddressFor(key, run.Url is { } given ? ServiceUrl.Parse(given) : null);
        if (ServiceUrl.IsClear(url))
        {
            run.Report.Warn($"{url.Authority} is called over HTTP: the key and all files cross the network in clear.");
        }

        using var client = run.NewClient(url, key);
        await client.ProbeAsync(cancellationToken);
        var known = await CheckAsync(client, cancellationToken);
        await TakeStateOverAsync(run, name, client, cancellationToken);
        var where = run.Vault.Store(name, client.BaseAddress, key, isInsecureAllowed);
        return FactsOf(known) with { Profile = name, Url = client.BaseAddress.AbsoluteUri, State = "stored", StoredIn = where };
    }

    /// <summary>A key that takes the place of another of the same account does not make index and budget begin anew.</summary>
    private static async Task TakeStateOverAsync(Run run, string name, CoffreClient client, CancellationToken cancellationToken)
    {
        try
        {
            if (run.Profiles.Read().Profiles.GetValueOrDefault(name) is { } before && ServiceUrl.IsSame(ServiceUrl.Parse(before.Url), client.BaseAddress)
                && run.Vault.Find(name, before) is { } key)
            {
                await client.TakeStateOverAsync(key, cancellationToken);
            }
        }
        catch (CliException)
        {
            // The old key cannot be had: what is remembered is made anew.
        }
    }

    /// <summary>Makes the cheapest call that only a working key is answered.</summary>
    /// <returns>What the service tells of the key; null where it tells nothing.</returns>
    public static async Task<KeyView?> CheckAsync(CoffreClient client, CancellationToken cancellationToken)
    {
        if (!client.IsOneFichier)
        {
            try
            {
                return await client.Keys.GetCurrentAsync(cancellationToken);
            }
            catch (CoffreException trouble) when (trouble is { Error: CoffreError.UnexpectedAnswer, Ko: null })
            {
                // No native API there.
            }
        }

        await client.ListFolderAsync(RemoteFolder.RootId, cancellationToken);
        return null;
    }

    public static LoginFacts FactsOf(KeyView? known) =>
        new() { State = "works", KeyName = known?.Name, Scopes = known?.Scopes, KeyExpiresAt = known?.ExpiresAt };
}
