using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Housekeeping;

namespace Coffre.Server.Audit;

/// <summary>Keeps refused attempts in the audit log: each class with how often it came, now and then, so that a flood of them does not fill the log.</summary>
internal sealed class Refusals(CatalogStore catalog, AuditTable audit, TimeProvider clock, ILogger<Refusals> logger) : SteadyTask(logger)
{
    private const int MaxClasses = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>Refusals that say something about who asks; that a file is not there says nothing.</summary>
    private static readonly HashSet<KoCode> Kept =
    [
        KoCode.NotAuthenticated, KoCode.KeyHasTypingError, KoCode.KeyHasBlanks, KoCode.WrongPassword, KoCode.CodeWrong, KoCode.SignInEnded, KoCode.KeyNeeded,
        KoCode.SessionNeeded, KoCode.ConfirmationNeeded, KoCode.LetterNotValid, KoCode.InvitationNotValid, KoCode.TooManyRequests, KoCode.TooManySignIns, KoCode.AccountSuspended, KoCode.NotAllowed,
        KoCode.PasswordWrong, KoCode.FloodIp, KoCode.FloodInfo, KoCode.FloodUser, KoCode.FloodKey, KoCode.IpLocked, KoCode.OtherLocation,
    ];

    private readonly ConcurrentDictionary<RefusalClass, long> _counts = new();
    private long _others;

    /// <summary>Counts a refusal if it is of a kind that is kept.</summary>
    public void Note(Fault fault, Actor by)
    {
        if (!Kept.Contains(fault.Code))
        {
            return;
        }

        var kind = new RefusalClass(fault.Code, by with { Address = NetworkOf(by.Address) });
        if (_counts.Count >= MaxClasses && !_counts.ContainsKey(kind))
        {
            Interlocked.Increment(ref _others);
            return;
        }

        _counts.AddOrUpdate(kind, 1, (_, count) => count + 1);
    }

    /// <summary>Writes down what was counted.</summary>
    public async Task FlushAsync()
    {
        var counts = _counts.Where(pair => pair.Value > 0).ToList();
        var others = Interlocked.Read(ref _others);
        var counted = counts.Select(pair => Describe(ProblemWriter.WordOf(pair.Key.Code), pair.Value, pair.Key.By)).ToList();
        if (others > 0)
        {
            counted.Add(Describe("others", others, Actor.Server));
        }

        if (counted.Count == 0)
        {
            return;
        }

        await catalog.WriteAsync(
            session =>
            {
                counted.ForEach(happened => audit.Add(session, happened));
                return true;
            },
            CancellationToken.None);

        // Only now, and only what was written: what came meanwhile, or could not be written, counts the next time.
        Interlocked.Add(ref _others, -others);
        foreach (var (kind, count) in counts)
        {
            _counts.AddOrUpdate(kind, 0, (_, now) => now - count);
            _counts.TryRemove(KeyValuePair.Create(kind, 0L));
        }
    }

    protected override async Task TurnAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(Pause, clock, stoppingToken);
        await FlushAsync();
    }

    protected override Task EndAsync() => FlushAsync();

    private static AuditEvent Describe(string what, long count, Actor by) => new(AuditEvents.Refused, by, by.AccountId)
    {
        Detail = new JsonObject { ["what"] = what, ["count"] = count },
    };

    /// <summary>Addresses of one network are one class: its first 24 bits (IPv4) or 48 (IPv6).</summary>
    private static IPAddress? NetworkOf(IPAddress? address) => address is null ? null : CoarseAddress.Of(address).BaseAddress;

    private sealed record RefusalClass(KoCode Code, Actor By);
}
