using System.Diagnostics;

namespace Coffre.Server.Catalog;

/// <summary>What of the catalog something in memory was made of.</summary>
internal enum CatalogPart
{
    /// <summary>Anything.</summary>
    Everything,

    /// <summary>Who may do what: all but files, their links and bytes, uploads, changes, and the counts of accounts. See <see cref="RightsAuthorizer"/>.</summary>
    Rights,
}

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
    private long _rights;
    private bool _isOver;

    /// <summary>Another number than before if that part may have changed since. To be read before the snapshot that is to be kept.</summary>
    public long VersionOf(CatalogPart part)
    {
        if (Stopwatch.GetElapsedTime(Volatile.Read(ref _askedAt)) >= Pause)
        {
            Refresh();
        }

        return part == CatalogPart.Rights ? Volatile.Read(ref _rights) : Volatile.Read(ref _version);
    }

    /// <summary>A transaction of this process was committed.</summary>
    /// <param name="rights">Whether it may have changed those.</param>
    public void Changed(bool rights)
    {
        Interlocked.Increment(ref _version);
        if (rights)
        {
            Interlocked.Increment(ref _rights);
        }
    }

    /// <summary>From now on it tells what it knew last: a request may outlive the catalog for a moment.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            session.Dispose();
        }
    }

    private void Refresh()
    {
        lock (_gate)
        {
            if (_isOver || Stopwatch.GetElapsedTime(_askedAt) < Pause)
            {
                return;
            }

            var now = Ask(session);
            if (now != _seen)
            {
                _seen = now;

                // Commits of this process are among them; what another one changed is not known.
                Changed(rights: true);
            }

            Volatile.Write(ref _askedAt, Stopwatch.GetTimestamp());
        }
    }

    private static long Ask(CatalogSession session) => session.Number("pragma data_version") ?? 0;
}
