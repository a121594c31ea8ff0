using Coffre.Client;

namespace Backups;

internal static class StateExample
{
    /// <summary>What is remembered in the state folder goes on under a new key. Null: nothing is known of the room without waiting.</summary>
    public static async Task<long?> GoOnAsync(CoffreClient old, CoffreClient next, string oldKey, string newKey, CancellationToken cancellationToken)
    {
        // A coffre-server tells whether both keys open one account; 1fichier.com does not, so there only the caller knows.
        if (!await next.TakeStateOverAsync(oldKey, cancellationToken) && next.IsOneFichier)
        {
            old.CarryStateTo(newKey);
        }

        // Spares a question that would have to wait; the other one waits if there is no answer of the last minutes.
        var known = await next.FindAccountAsync(cancellationToken) ?? await next.GetKeptAccountAsync(cancellationToken);
        return known.Free;
    }
}
