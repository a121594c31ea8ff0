using Coffre.Client;
using Coffre.Protocol.Api;

namespace Backups;

internal static class KeysExample
{
    /// <summary>Gives a machine a key of its own, and ends those that it had before.</summary>
    public static async Task<string> RenewAsync(CoffreClient client, string machine, CancellationToken cancellationToken)
    {
        var made = await client.Keys.CreateAsync(
            new NewKeyRequest { Name = machine, Scopes = ["read", "write"], ExpiresAt = DateTimeOffset.UtcNow.AddDays(90) }, cancellationToken);
        await foreach (var key in client.Keys.ListAsync(cancellationToken))
        {
            if (key.Name == machine && key.Id != made.Key.Id && key.State == "active")
            {
                await client.Keys.RevokeAsync(key.Id, cancellationToken);
            }
        }

        // It is seen this once.
        return made.Secret;
    }
}
