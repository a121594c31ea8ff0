namespace Coffre.Client.Budget;

/// <summary>A request is on its way.</summary>
internal readonly struct BudgetTurn(RequestBudget budget, BudgetAsk ask, TimeSpan waited, bool keepsTurn) : IAsyncDisposable
{
    /// <summary>How long it had to wait.</summary>
    public TimeSpan Waited => waited;

    public ValueTask DisposeAsync() => keepsTurn ? budget.LeaveAsync(ask) : ValueTask.CompletedTask;
}
