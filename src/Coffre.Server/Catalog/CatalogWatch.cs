using System.Diagnostics;

namespace Coffre.Server.Catalog;

/// <summary>Tells whether anything in the catalog may have changed, so that what was read once can be kept in memory for a while.</summary>
/// <remarks>
/// Changes made here are told at once. Those of another process on the same file (the command beside a running server) are found by
/// asking SQLite, at most so often: real time, whatever the injected clock says, as a revocation must not wait.
/// </remarks>
internal sealed class CatalogWatch(CatalogSession session) : IDisposable
{
    /// <summary>How much later a change by another process is noticed, at most.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private long _askedAt = Stopwatch.GetTimestamp();
    private long _seen = Ask(session);
    private long _version;

    /// <summary>Another number than before if anything may have changed since. To be read before the snapshot that is to be kept.</summary>
    public long Version
    {
        get
        {
            if (Stopwatch.GetElapsedTime(Volatile.Read(ref _askedAt)) >= Pause)
            {
                Refresh();
            }

            return Volatile.Read(ref _version);
        }
    }

    /// <summary>A transaction of this process was committed.</summary>
    public void Changed() => Interlocked.Increment(ref _version);

    public void Dispose()
    {
        lock (_gate)
        {
            session.Dispose();
        }
    }

    private void Refresh()
    {
        lock (_gate)
        {
            if (Stopwatch.GetElapsedTime(_askedAt) < Pause)
            {
                return;
            }

            var now = Ask(session);
            if (now != _seen)
            {
                _seen = now;
                Changed();
            }

            Volatile.Write(ref _askedAt, Stopwatch.GetTimestamp());
        }
    }

    private static long Ask(CatalogSession session) => session.Number("pragma data_version") ?? 0;
}
