namespace Coffre.Compat.Fixture;

/// <summary>Waits for something that another process does, by looking often, up to a deadline.</summary>
public static class Until
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <param name="holds">Looked at every 50 ms.</param>
    /// <param name="what">Half a sentence for the failure: what was waited for.</param>
    public static Task HoldsAsync(Func<bool> holds, string what) => HoldsAsync(() => Task.FromResult(holds()), what);

    /// <inheritdoc cref="HoldsAsync(Func{bool}, string)"/>
    /// <param name="pause">Between two looks; null: 50 ms.</param>
    public static async Task HoldsAsync(Func<Task<bool>> holds, string what, TimeSpan? pause = null)
    {
        using var deadline = new CancellationTokenSource(Limit);
        while (!await holds())
        {
            Assert.False(deadline.IsCancellationRequested, "Waited in vain until " + what);
            await Task.Delay(pause ?? TimeSpan.FromMilliseconds(50));
        }
    }
}
