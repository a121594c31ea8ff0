using Coffre.Client;
using Coffre.Protocol.Api;

namespace Backups;

internal static class KeysAtWorkExample
{
    /// <summary>Replaces the key in use without a moment in which neither works.</summary>
    public static async Task<string> RotateAsync(CoffreClient client, CancellationToken cancellationToken)
    {
        var current = await client.Keys.GetCurrentAsync(cancellationToken);
        var made = await client.Keys.RotateAsync(current.Id, TimeSpan.FromDays(7), cancellationToken);

        // Keep made.Secret first. From its first use on, the old key has seven days left.
        await client.Keys.RenameAsync(made.Key.Id, current.Name + " 2", cancellationToken);
        return made.Secret;
    }

    /// <summary>Ends keys that lay where others could read them; those of other accounts too, for whoever holds a key may end it.</summary>
    public static async Task<int> EndAsync(CoffreClient client, IReadOnlyCollection<string> leaked, long? ownId, CancellationToken cancellationToken)
    {
        var ended = await client.Keys.RevokeHeldAsync(leaked, cancellationToken);
        if (ownId is { } id && (await client.Keys.GetAsync(id, cancellationToken)).State == "active")
        {
            NewKeyAnswer next = await client.Keys.RegenerateAsync(id, cancellationToken);
            Console.WriteLine($"Key {next.Key.Hint} replaces it.");
        }

        return ended;
    }
}
