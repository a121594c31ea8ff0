using Coffre.Client;

namespace Backups;

internal static class BudgetExample
{
    /// <summary>Why the service may not be asked now, and until when; null if it may. Nothing is asked.</summary>
    public static async Task<string?> TellLockAsync(CoffreClient client, CancellationToken cancellationToken)
    {
        var budget = await client.GetBudgetAsync(cancellationToken);
        return budget.Holds is [.., var last] ? $"{ErrorBook.MeaningOf(last.Error)} Until {last.Until:u}: {last.Reason}" : null;
    }
}
