using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Coffre.Server.Access;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Housekeeping;

namespace Coffre.Server.Keys;

/// <summary>Writes down when and from where keys are used: coarse, and not at each request but now and then for all.</summary>
internal sealed class KeyUses(CatalogStore catalog, KeyTable keys, AuditTable audit, TimeProvider clock, ILogger<KeyUses> logger) : SteadyTask(logger)
{
    private const int MaxWaiting = 10_000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<(long AccountId, long KeyId, string Network), KeyUse> _waiting = new();

    /// <summary>Notes a use. The first one of a key is written down at once: it may end another key.</summary>
    public async ValueTask NoteAsync(Caller caller, HttpContext http)
    {
        var use = Describe(http, clock.GetUtcNow());
        if (caller.IsFirstUse)
        {
            await catalog.WriteAsync(
                session =>
                {
                    Write(session, caller.AccountId, caller.KeyId, use);
                    return true;
                },
                CancellationToken.None);
        }
        else if (_waiting.Count < MaxWaiting || _waiting.ContainsKey((caller.AccountId, caller.KeyId, use.Network)))
        {
            _waiting[(caller.AccountId, caller.KeyId, use.Network)] = use;
        }
    }

    /// <summary>Writes down what was noted.</summary>
    public async Task FlushAsync()
    {
        var uses = _waiting.ToArray();
        if (uses.Length == 0)
        {
            return;
        }

        await catalog.WriteAsync(
            session =>
            {
                foreach (var ((accountId, keyId, _), use) in uses.OrderBy(pair => pair.Value.At))
                {
                    Write(session, accountId, keyId, use);
                }

                return true;
            },
            CancellationToken.None);
        foreach (var use in uses)
        {
            // One that was noted meanwhile stays for the next time.
            _waiting.TryRemove(use);
        }
    }

    protected override async Task TurnAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(Pause, clock, stoppingToken);
        await FlushAsync();
    }

    protected override Task EndAsync() => FlushAsync();

    /// <summary>Writes a use down, and into the audit log if it is the first one, or comes from a network that is new.</summary>
    private void Write(CatalogSession session, long accountId, long keyId, KeyUse use)
    {
        var isFirst = keys.Use(session, accountId, keyId, use);
        var isNew = keys.AddNetwork(session, accountId, keyId, use.Network);
        if (isFirst || isNew)
        {
            audit.Add(session, new AuditEvent(
                isFirst ? AuditEvents.KeyFirstUsed : AuditEvents.KeyUsedFromNewNetwork, new Actor(ActorKind.Key, accountId, keyId), accountId)
            {
                Detail = new JsonObject { ["network"] = use.Network, ["client"] = use.Client },
            });
        }
    }

    /// <summary>A use, coarsely.</summary>
    internal static KeyUse Describe(HttpContext http, DateTimeOffset now) => new(
        now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMinute)), http.Connection.RemoteIpAddress is { } address ? CoarseAddress.Of(address).ToString() : "",
        ClientOf(http.Request.Headers.UserAgent.ToString()));

    /// <summary>The first word of a User-Agent, without its version.</summary>
    private static string ClientOf(string agent)
    {
        const int Longest = 32;
        var name = agent.Split('/', 2)[0].Split(' ', 2)[0];
        if (Redactor.Clean(name) != name)
        {
            // Somebody put a key where the program's name belongs.
            return "";
        }

        return string.Concat(name.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.').Take(Longest));
    }
}
