namespace Coffre.Storage.Local.Segments;

/// <summary>Some records of a group whose tasks are ended one after the other: a wake-up of the thread pool for each would cost more than what most do next.</summary>
/// <param name="records">Which.</param>
/// <param name="exception">Why they were not kept; null if they were.</param>
internal sealed class RecordChunk(IReadOnlyList<NewRecord> records, Exception? exception) : IThreadPoolWorkItem
{
    private const int Smallest = 4;

    public void Execute()
    {
        foreach (var record in records)
        {
            if (exception is null)
            {
                record.TrySetResult();
            }
            else
            {
                record.TrySetException(exception);
            }
        }
    }

    /// <summary>Ends the tasks of all, on as many threads as there are processors.</summary>
    public static void End(List<NewRecord> records, Exception? exception = null)
    {
        var size = Math.Max(Smallest, (records.Count + Environment.ProcessorCount - 1) / Environment.ProcessorCount);
        for (var start = 0; start < records.Count; start += size)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                new RecordChunk(records.GetRange(start, Math.Min(size, records.Count - start)), exception), preferLocal: false);
        }
    }
}
