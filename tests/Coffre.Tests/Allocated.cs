namespace Coffre.Tests;

/// <summary>
/// Bytes that some work allocates, as the least of several rounds. Others only add: the compiler that works beside,
/// and a collection within a round, which counts the unused rest of a thread's allocation context as allocated.
/// What the work itself allocates is in every round.
/// </summary>
internal static class Allocated
{
    private const int Rounds = 6;

    /// <summary>Bytes that this thread allocates in a round.</summary>
    public static long ByThread(Action round) =>
        Enumerable.Range(0, Rounds).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });

    /// <summary>Bytes that the whole process allocates in a round: only for tests that run alone.</summary>
    public static long ByProcess(Action round, int rounds = Rounds) =>
        Enumerable.Range(0, rounds).Min(_ =>
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            round();
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        });

    /// <summary>Bytes that the whole process allocates in a round: only for tests that run alone.</summary>
    public static async Task<long> ByProcessAsync(Func<Task> round, int rounds = Rounds)
    {
        var least = long.MaxValue;
        for (var i = 0; i < rounds; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await round();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }
}
