namespace Coffre.Server.Limits;

/// <summary>A token bucket for each subject: so many calls at once, then so many in a second.</summary>
/// <param name="rate">Calls a second.</param>
/// <param name="burst">Calls at once.</param>
/// <param name="capacity">How many subjects are remembered.</param>
internal sealed class RateCounter(long rate, long burst, int capacity, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly RecentTable<Subject, Bucket> _buckets = new(capacity);
    private readonly long _burst = Math.Max(burst, 1);

    /// <summary>Whether the rule is on.</summary>
    public bool IsOn => rate > 0;

    public long Burst => _burst;

    public long Rate => rate;

    /// <summary>Takes one call.</summary>
    public RateVerdict Take(Subject subject)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            var bucket = _buckets.Find(subject);
            if (bucket is null)
            {
                bucket = new Bucket { Left = _burst, At = now };
                _buckets.Set(subject, bucket);
            }

            bucket.Left = Math.Min(_burst, bucket.Left + (clock.GetElapsedTime(bucket.At, now).TotalSeconds * rate));
            bucket.At = now;
            var isGranted = bucket.Left >= 1;
            if (isGranted)
            {
                bucket.Left--;
            }

            return new RateVerdict(isGranted, (long)bucket.Left, TimeSpan.FromSeconds(Math.Max(0, 1 - bucket.Left) / rate));
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
/// <param name="Left">Calls that may follow at once.</param>
/// <param name="Wait">Until one more may follow.</param>
internal readonly record struct RateVerdict(bool IsGranted, long Left, TimeSpan Wait);
