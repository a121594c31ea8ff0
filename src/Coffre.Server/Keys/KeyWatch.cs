using System.Collections.Concurrent;
using Coffre.Server.Access;
using Coffre.Server.Catalog;
using Coffre.Server.Housekeeping;

namespace Coffre.Server.Keys;

/// <summary>Cuts what is still running in the name of a key that has ended: an upload of hours, a download of a large file.</summary>
/// <remarks>Short calls look their key up and are done; only what may take long is watched. The catalog is asked once a second, while anything runs.</remarks>
internal sealed class KeyWatch(CatalogStore catalog, KeyTable keys, TimeProvider clock, ILogger<KeyWatch> logger) : SteadyTask(logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<Watched, KeyName> _running = new();

    /// <summary>Requests that are watched now.</summary>
    public int Running => _running.Count;

    /// <summary>Watches a request until the result is disposed.</summary>
    /// <param name="caller">Who asks; nobody and whoever has no key is not watched.</param>
    /// <param name="http">What is cut.</param>
    public IDisposable? Begin(Caller? caller, HttpContext http) => caller?.Key is { } key ? Begin(key, http) : null;

    public IDisposable Begin(KeyName key, HttpContext http)
    {
        var watched = new Watched(this, http);
        _running[watched] = key;
        return watched;
    }

    /// <summary>Cuts what runs for keys that have ended.</summary>
    public async Task CutAsync(CancellationToken cancellationToken)
    {
        var names = _running.Values.Distinct().ToList();
        if (names.Count == 0)
        {
            return;
        }

        var ended = await catalog.ReadAsync(session => names.Where(key => !keys.IsGood(session, key)).ToHashSet(), cancellationToken);
        foreach (var (watched, key) in _running)
        {
            if (ended.Contains(key))
            {
                watched.Cut();
            }
        }
    }

    protected override async Task TurnAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(Pause, clock, stoppingToken);
        await CutAsync(stoppingToken);
    }

    private sealed class Watched(KeyWatch watch, HttpContext http) : IDisposable
    {
        private readonly Lock _gate = new();
        private bool _isOver;

        public void Cut()
        {
            // Not once the request is done: the connection is another one's by then.
            lock (_gate)
            {
                if (!_isOver)
                {
                    http.Abort();
                }
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _isOver = true;
            }

            watch._running.TryRemove(this, out _);
        }
    }
}
