namespace Coffre.Cli.Output;

/// <summary>The speed of the last seconds: an average over the whole run would still tell of a pause an hour ago.</summary>
internal sealed class Speedometer(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Queue<(long At, long Bytes)> _samples = new([(time.GetTimestamp(), 0)]);

    /// <summary>Bytes per second.</summary>
    /// <param name="bytes">How many have moved by now, in all.</param>
    public long Read(long bytes)
    {
        var now = time.GetTimestamp();
        while (_samples.Count > 1 && time.GetElapsedTime(_samples.Peek().At, now) > Window)
        {
            _samples.Dequeue();
        }

        var (since, before) = _samples.Peek();
        _samples.Enqueue((now, bytes));
        var seconds = time.GetElapsedTime(since, now).TotalSeconds;
        return seconds < 0.001 ? 0 : Math.Max(0, (long)((bytes - before) / seconds));
    }

    /// <summary>Whole seconds that so many bytes will take; null where nothing moves.</summary>
    public static long? SecondsFor(long bytes, long speed) => bytes <= 0 ? 0 : speed > 0 ? (bytes + speed - 1) / speed : null;
}
