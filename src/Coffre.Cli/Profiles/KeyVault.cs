using Coffre.Cli.Keyrings;
using Coffre.Cli.Running;

namespace Coffre.Cli.Profiles;

/// <summary>Where the keys of profiles lie: in the keyring, or in the profile file where the user said so.</summary>
internal sealed class KeyVault(Run run)
{
    // No name of a profile has it.
    private const string NextMark = "+next";

    /// <summary>The key of a profile; null if the keyring has none for it.</summary>
    /// <exception cref="CliException">The keyring cannot be used.</exception>
    public string? Find(string name, Profile profile)
    {
        if (profile.Key is { } key)
        {
            WarnOf(name);
            run.Hide(key);
            return key;
        }

        return Ask(keyring => keyring.Find(Item(name, profile), CancellationToken.None), "log in again with coffre auth login");
    }

    /// <summary>Keeps the key of a profile in the place of the one it had.</summary>
    /// <param name="isInsecureAllowed">Whether it may go into the profile file if there is no keyring.</param>
    /// <returns>Where it lies now, for people.</returns>
    /// <exception cref="CliException">There is no keyring, and the file is not allowed; nothing was changed.</exception>
    public string Store(string name, Uri url, string key, bool isInsecureAllowed)
    {
        run.Hide(key);
        var profile = new Profile(url.AbsoluteUri);
        var where = StoreInKeyring(name, profile, key, isInsecureAllowed);
        var book = run.Profiles.Read();
        book.Profiles[name] = where is null ? profile with { Key = key } : profile;
        run.Profiles.Write(book with { Default = book.Default is { } old && book.Profiles.ContainsKey(old) ? old : name });
        if (where is null)
        {
            WarnOf(name);
        }

        return where ?? run.Profiles.Path;
    }

    /// <summary>Moves the key of a profile from the file into the keyring; false if it lies there already.</summary>
    public bool Migrate(string name)
    {
        var book = run.Profiles.Read();
        if (book.Profiles[name].Key is not { } key)
        {
            return false;
        }

        var profile = book.Profiles[name] with { Key = null };
        StoreInKeyring(name, profile, key, isInsecureAllowed: false);
        book.Profiles[name] = profile;
        run.Profiles.Write(book);
        return true;
    }

    /// <summary>Forgets a profile and its keys.</summary>
    public void Forget(string name)
    {
        var book = run.Profiles.Read();
        var profile = book.Profiles[name];
        if (profile.Key is null)
        {
            Ask(keyring => keyring.Delete(Item(name, profile), CancellationToken.None), also: null);
            Ask(keyring => keyring.Delete(Item(name + NextMark, profile), CancellationToken.None), also: null);
        }

        book.Profiles.Remove(name);
        var isDefault = string.Equals(book.Default, name, StringComparison.Ordinal);
        run.Profiles.Write(book with { Default = isDefault ? book.Profiles.Keys.FirstOrDefault() : book.Default });
    }

    /// <summary>The key that shall follow the one of the profile, from a rotation that did not end.</summary>
    public string? FindNext(string name, Profile profile)
    {
        var key = profile.Key is null ? Ask(keyring => keyring.Find(Item(name + NextMark, profile), CancellationToken.None), also: null) : profile.NextKey;
        run.Hide(key);
        return key;
    }

    /// <summary>Keeps it beside the key of the profile.</summary>
    public void StoreNext(string name, Profile profile, string key)
    {
        run.Hide(key);
        if (profile.Key is not null)
        {
            Change(name, profile with { NextKey = key });
            return;
        }

        Ask(
            keyring =>
            {
                var item = Item(name + NextMark, profile);
                keyring.Store(item, key, CancellationToken.None);
                return string.Equals(keyring.Find(item, CancellationToken.None), key, StringComparison.Ordinal)
                    ? true : throw new KeyringException($"{keyring.Name} does not give back what was stored.", "look at it with its own program");
            },
            also: null);
    }

    public void DropNext(string name, Profile profile)
    {
        if (profile.Key is not null)
        {
            Change(name, profile with { NextKey = null });
            return;
        }

        Ask(keyring => keyring.Delete(Item(name + NextMark, profile), CancellationToken.None), also: null);
    }

    private static KeyringItem Item(string account, Profile profile) => new(profile.Url, account);

    /// <summary>The keyring's name; null if there is none and the file may be taken.</summary>
    private string? StoreInKeyring(string name, Profile profile, string key, bool isInsecureAllowed)
    {
        try
        {
            run.World.Keyring.Store(Item(name, profile), key, CancellationToken.None);
            return run.World.Keyring.Name;
        }
        catch (KeyringException trouble)
        {
            return isInsecureAllowed ? null
                : throw trouble.AsEnd("add --insecure-storage to keep the key in clear in a file that only you can read");
        }
    }

    private T Ask<T>(Func<IKeyring, T> ask, string? also)
    {
        try
        {
            var answer = ask(run.World.Keyring);
            run.Hide(answer as string);
            return answer;
        }
        catch (KeyringException trouble)
        {
            throw trouble.AsEnd(also);
        }
    }

    private void Change(string name, Profile profile)
    {
        var book = run.Profiles.Read();
        book.Profiles[name] = profile;
        run.Profiles.Write(book);
    }

    private void WarnOf(string name)
    {
        if (run.Profiles.CloseToOthers())
        {
            run.Report.Warn($"{run.Profiles.Path} could be read by others, and is closed to them now. Take a new key: coffre keys rotate.");
        }

        run.Report.Warn($"The key of profile '{name}' lies in clear in {run.Profiles.Path}. Move it into a keyring: coffre auth migrate.");
    }
}
