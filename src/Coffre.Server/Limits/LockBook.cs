using System.Collections.Concurrent;
using Coffre.Server.Catalog;
using Coffre.Server.Settings;

namespace Coffre.Server.Limits;

/// <summary>The locks that hold now. They are in the catalog too, so that a restart does not lift them.</summary>
internal sealed partial class LockBook(CatalogStore catalog, LockTable table, ServerSettings settings, TimeProvider clock, ILogger<LockBook> logger) : IHostedService
{
    // A lock that an operator lifted is noticed this much later.
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(1);

    private readonly int _capacity = settings.Int(LimitSettings.Tracked);
    private readonly ConcurrentDictionary<(Subject Subject, string Scope), Entry> _entries = new();

    // Whether there ever was a lock: asked three times a call, and the dictionary takes all its own locks to say that it is empty.
    private volatile bool _mayHold;

    /// <summary>Before the first request: the locks of the time before.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var flood in await catalog.ReadAsync(session => table.List(session, _capacity), cancellationToken))
        {
            _mayHold = true;
            _entries[(flood.Subject, flood.Scope)] = new Entry(flood, clock.GetUtcNow());
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The lock that keeps the subject from a call, if there is one.</summary>
    public async ValueTask<FloodLock?> FindAsync(Subject subject, string call, CancellationToken cancellationToken) =>
        !_mayHold
            ? null
            : await HoldingAsync(subject, FloodLock.Everything, cancellationToken) ?? await HoldingAsync(subject, call, cancellationToken);

    /// <summary>Locks; returns once that survives a restart.</summary>
    public async Task PutAsync(FloodLock flood, CancellationToken cancellationToken)
    {
        if (_entries.Count >= _capacity)
        {
            DropEnded();
        }

        _mayHold = true;
        _entries[(flood.Subject, flood.Scope)] = new Entry(flood, clock.GetUtcNow());
        LogLocked(flood.Subject.KindName, flood.Subject.ToText(), flood.Scope, flood.Code.ToString(), flood.EndsAt);
        await catalog.WriteAsync(
            session =>
            {
                table.DeleteEnded(session);
                table.Put(session, flood);
                return true;
            },
            cancellationToken);
    }

    private async ValueTask<FloodLock?> HoldingAsync(Subject subject, string scope, CancellationToken cancellationToken)
    {
        if (!_entries.TryGetValue((subject, scope), out var entry))
        {
            return null;
        }

        var now = clock.GetUtcNow();
        var holds = entry.Lock.EndsAt > now;
        if (holds && now - entry.CheckedAt >= Recheck)
        {
            holds = await catalog.ReadAsync(session => table.Holds(session, entry.Lock), cancellationToken);
            entry.CheckedAt = now;
        }

        if (holds)
        {
            return entry.Lock;
        }

        _entries.TryRemove(KeyValuePair.Create((subject, scope), entry));
        return null;
    }

    private void DropEnded()
    {
        var now = clock.GetUtcNow();
        foreach (var pair in _entries.Where(pair => pair.Value.Lock.EndsAt <= now))
        {
            _entries.TryRemove(pair);
        }

        // Full of locks that hold: the one that ends first goes.
        if (_entries.Count >= _capacity && _entries.MinBy(pair => pair.Value.Lock.EndsAt) is { Value: not null } first)
        {
            _entries.TryRemove(first);
        }
    }

    private sealed class Entry(FloodLock flood, DateTimeOffset checkedAt)
    {
        public FloodLock Lock { get; } = flood;

        public DateTimeOffset CheckedAt { get; set; } = checkedAt;
    }

    [LoggerMessage(LogLevel.Warning, "Locked {Kind} {Subject} for {Scope} ({Code}) until {EndsAt}")]
    private partial void LogLocked(string kind, string subject, string scope, string code, DateTimeOffset endsAt);
}
