namespace Coffre.Server.Limits;

/// <summary>A token bucket for each subject: so many calls at once, then so many in a second.</summary>
/// <param name="rate">Calls a second.</param>
/// <param name="burst">Calls at once.</param>
/// <param name="capacity">How many subjects are remembered.</param>
internal sealed class RateCounter(long rate, long burst, int capacity, TimeProvider clock)
{
    private const int OwnBurstSeconds = 5;
    private readonly Lock _gate = new();
    private readonly RecentTable<Subject, Bucket> _buckets = new(capacity);
    private readonly long _burst = Math.Max(burst, 1);

    /// <summary>Whether the rule is on.</summary>
    public bool IsOn => rate > 0;

    /// <summary>Takes one call.</summary>
    /// <param name="subject">Whose.</param>
    /// <param name="own">Its own rate, with five seconds of it at once; null: everybody's.</param>
    public RateVerdict Take(Subject subject, long? own = null)
    {
        var (most, speed) = own is { } calls ? (calls * OwnBurstSeconds, calls) : (_burst, rate);
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            var bucket = _buckets.Find(subject);
            if (bucket is null)
            {
                bucket = new Bucket { Left = most, At = now };
                _buckets.Set(subject, bucket);
            }

            bucket.Left = Math.Min(most, bucket.Left + (clock.GetElapsedTime(bucket.At, now).TotalSeconds * speed));
            bucket.At = now;
            var isGranted = bucket.Left >= 1;
            if (isGranted)
            {
                bucket.Left--;
            }

            return new RateVerdict(isGranted, most, speed, (long)bucket.Left, TimeSpan.FromSeconds(Math.Max(0, 1 - bucket.Left) / speed));
        }
    }

    private sealed class Bucket
    {
        public double Left { get; set; }

        public long At { get; set; }
    }
}

/// <summary>What a bucket said.</summary>
/// <param name="IsGranted">Whether the call may go on.</param>
/// <param name="Burst">Calls that a full bucket holds.</param>
/// <param name="Rate">Calls that flow in each second.</param>
/// <param name="Left">Calls that may follow at once.</param>
/// <param name="Wait">Until one more may follow.</param>
internal readonly record struct RateVerdict(bool IsGranted, long Burst, long Rate, long Left, TimeSpan Wait);
