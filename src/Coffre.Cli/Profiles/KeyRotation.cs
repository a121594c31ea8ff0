using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Protocol.Api;

namespace Coffre.Cli.Profiles;

/// <summary>Replaces the key of a stored profile, so that at every moment a key that works is kept.</summary>
/// <remarks>
/// The new key is kept beside the old one, is used once, and takes the old one's place only then. Whatever breaks in between, the old one
/// stays; the next run goes on with the new one that waits.
/// </remarks>
internal sealed class KeyRotation(Run run, Login login, bool isInsecureAllowed)
{
    private Profile Stored => run.Profiles.Read().Profiles[login.Profile];

    /// <summary>Makes a key that takes over, and lets the old one live on for a grace.</summary>
    public async Task<KeyView> RotateAsync(TimeSpan? grace, CancellationToken cancellationToken)
    {
        Prepare();
        if (await FinishEarlierAsync(cancellationToken) is { } earlier)
        {
            return earlier;
        }

        var keys = run.Open(login.Profile).Client.Keys;
        var issued = await keys.RotateAsync(id: null, grace, cancellationToken);
        try
        {
            run.Vault.StoreNext(login.Profile, Stored, issued.Secret);
        }
        catch
        {
            // Nobody will ever use it.
            await TryAsync(() => keys.RevokeAsync(issued.Key.Id, CancellationToken.None));
            throw;
        }

        try
        {
            return await TakeOverAsync(issued.Secret, cancellationToken);
        }
        catch (CoffreException trouble)
        {
            throw new CliException(
                ExitCodes.Of(trouble.Error), trouble.Code, $"The new key was not seen to work, so the old one stays: {trouble.Message}", "coffre keys rotate goes on with the new one that waits");
        }
    }

    /// <summary>Ends the key and makes another in its place.</summary>
    public async Task<KeyView> RegenerateAsync(CancellationToken cancellationToken)
    {
        // The old one dies at once: that the new one can be kept is seen before.
        Prepare();
        run.Vault.StoreNext(login.Profile, Stored, login.Key);
        var issued = await run.Open(login.Profile).Client.Keys.RegenerateAsync(id: null, cancellationToken);
        try
        {
            run.Vault.StoreNext(login.Profile, Stored, issued.Secret);
            return await TakeOverAsync(issued.Secret, CancellationToken.None);
        }
        catch
        {
            // Better on the screen than nowhere.
            Commands.KeysCommand.Show(run, issued);
            throw;
        }
    }

    /// <summary>A key in the file moves to the keyring first, unless it may stay: nothing is asked for that cannot be kept.</summary>
    private void Prepare()
    {
        if (!isInsecureAllowed && Stored.Key is not null)
        {
            run.Vault.Migrate(login.Profile);
        }
    }

    private async Task<KeyView?> FinishEarlierAsync(CancellationToken cancellationToken)
    {
        if (run.Vault.FindNext(login.Profile, Stored) is not { } waiting)
        {
            return null;
        }

        if (string.Equals(waiting, login.Key, StringComparison.Ordinal))
        {
            run.Vault.DropNext(login.Profile, Stored);
            return null;
        }

        try
        {
            var view = await TakeOverAsync(waiting, cancellationToken);
            run.Report.Note("An earlier rotation that did not end was brought to its end.");
            return view;
        }
        catch (CoffreException trouble) when (trouble.Error == CoffreError.NotAuthenticated)
        {
            run.Vault.DropNext(login.Profile, Stored);
            return null;
        }
    }

    /// <summary>Uses the new key once, and keeps it in the place of the old.</summary>
    private async Task<KeyView> TakeOverAsync(string key, CancellationToken cancellationToken)
    {
        using var client = run.NewClient(login.Url, key);
        var view = await client.Keys.GetCurrentAsync(cancellationToken);
        if (view.State is not "active")
        {
            throw new CoffreException(CoffreError.UnexpectedAnswer, $"The server calls the new key {view.State} after its first use.");
        }

        // From here on the old key is on its way out. What is remembered of the account is not made anew for the new one.
        run.Open(login.Profile).Client.CarryStateTo(key);
        var before = Stored;
        run.Vault.Store(login.Profile, login.Url, key, isInsecureAllowed);
        if (before.Key is null)
        {
            run.Vault.DropNext(login.Profile, before);
        }

        return view;
    }

    private static async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (CoffreException)
        {
            // It was worth a try.
        }
    }
}
