using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Coffre.Server.Access;
using Coffre.Server.Catalog;

namespace Coffre.Server.Keys;

/// <summary>Writes down when and from where keys are used: coarse, and not at each request but now and then for all.</summary>
internal sealed class KeyUses(CatalogStore catalog, KeyTable keys, TimeProvider clock) : BackgroundService
{
    private const int MaxWaiting = 10_000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<(long AccountId, long KeyId), KeyUse> _waiting = new();

    /// <summary>Notes a use. The first one of a key is written down at once: it may end another key.</summary>
    public async ValueTask NoteAsync(Caller caller, HttpContext http)
    {
        var now = clock.GetUtcNow();
        var use = new KeyUse(
            now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMinute)), NetworkOf(http.Connection.RemoteIpAddress), ClientOf(http.Request.Headers.UserAgent.ToString()));
        if (caller.IsFirstUse)
        {
            await catalog.WriteAsync(
                session =>
                {
                    keys.Use(session, caller.AccountId, caller.KeyId, use);
                    return true;
                },
                CancellationToken.None);
        }
        else if (_waiting.Count < MaxWaiting || _waiting.ContainsKey((caller.AccountId, caller.KeyId)))
        {
            _waiting[(caller.AccountId, caller.KeyId)] = use;
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
                foreach (var ((accountId, keyId), use) in uses)
                {
                    keys.Use(session, accountId, keyId, use);
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Pause, clock, stoppingToken);
                await FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            await FlushAsync();
        }
    }

    /// <summary>The first 24 bits of an IPv4 address, the first 48 of an IPv6 one.</summary>
    private static string NetworkOf(IPAddress? address)
    {
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        if (plain is null)
        {
            return "";
        }

        var bytes = plain.GetAddressBytes();
        var kept = plain.AddressFamily == AddressFamily.InterNetwork ? 3 : 6;
        bytes.AsSpan(kept).Clear();
        return $"{new IPAddress(bytes)}/{kept * 8}";
    }

    /// <summary>The first word of a User-Agent, without its version.</summary>
    private static string ClientOf(string agent)
    {
        const int Longest = 32;
        var name = agent.Split('/', 2)[0].Split(' ', 2)[0];
        return string.Concat(name.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.').Take(Longest));
    }
}
