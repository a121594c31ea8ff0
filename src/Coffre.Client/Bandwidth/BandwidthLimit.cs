namespace Coffre.Client.Bandwidth;

/// <summary>Holds back the bytes of files so that all who share it stay below a plan together, each way for itself.</summary>
/// <remarks>Give one to every client of a process (<see cref="CoffreClientOptions.Bandwidth"/>). May be used from any thread.</remarks>
/// <param name="plan">What is allowed, and when, in the zone of <paramref name="time"/>.</param>
/// <param name="time">Clock and timers.</param>
public sealed class BandwidthLimit(BandwidthPlan plan, TimeProvider time)
{
    private const int LeastPiece = 1024;
    private const int PiecesPerSecond = 8;

    // Who was late for a moment may catch up so much: timers and disks are not exact.
    private static readonly TimeSpan Credit = TimeSpan.FromMilliseconds(250);

    // Waits that a timer cannot keep are owed instead.
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(4);

    // So often a wait looks whether the plan still says so.
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(1);

    private readonly Lane _up = new();
    private readonly Lane _down = new();

    /// <summary>Returns when so many bytes may go up.</summary>
    internal ValueTask UpAsync(int bytes, CancellationToken cancellationToken) => PassAsync(_up, bytes, () => Now().Up, cancellationToken);

    /// <summary>Returns when so many bytes may have come down.</summary>
    internal ValueTask DownAsync(int bytes, CancellationToken cancellationToken) => PassAsync(_down, bytes, () => Now().Down, cancellationToken);

    /// <summary>How much to send at once, at most <paramref name="most"/> bytes, so that it does not come in gusts.</summary>
    internal int UpPiece(int most) => Piece(Now().Up, most);

    /// <summary>The same for what comes down.</summary>
    internal int DownPiece(int most) => Piece(Now().Down, most);

    private static int Piece(long? rate, int most) => rate is { } bytes ? (int)Math.Min(most, Math.Max(bytes / PiecesPerSecond, LeastPiece)) : most;

    private BandwidthRate Now() => plan.At(time.GetLocalNow());

    private async ValueTask PassAsync(Lane lane, int bytes, Func<long?> rate, CancellationToken cancellationToken)
    {
        DateTimeOffset? turn = null;
        while (rate() is { } allowed)
        {
            var now = time.GetUtcNow();
            turn ??= lane.Take(now - Credit, TimeSpan.FromSeconds((double)bytes / allowed));
            var wait = turn.Value - now;
            if (wait < LeastWait)
            {
                return;
            }

            await Task.Delay(wait < MostWait ? wait : MostWait, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One way, on which turns follow each other.</summary>
    private sealed class Lane
    {
        private readonly Lock _gate = new();
        private DateTimeOffset _free;

        /// <summary>When the next turn begins, which then takes so long.</summary>
        public DateTimeOffset Take(DateTimeOffset notBefore, TimeSpan length)
        {
            lock (_gate)
            {
                var turn = _free > notBefore ? _free : notBefore;
                _free = turn + length;
                return turn;
            }
        }
    }
}
