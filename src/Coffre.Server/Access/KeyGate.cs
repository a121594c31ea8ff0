using System.Buffers.Binary;
using System.Diagnostics;
using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Keys;
using Coffre.Server.Limits;
using Coffre.Server.Sessions;
using Coffre.Server.Settings;
using Microsoft.Net.Http.Headers;

namespace Coffre.Server.Access;

/// <summary>Turns the key of a request into its caller.</summary>
/// <remarks>
/// A typing error is told without asking the catalog. Unknown, revoked and expired keys get the same answer after the same time. From
/// where too many were refused, only keys that were good there lately are still looked up. A key that was good is not looked up again
/// while keys and accounts stay the same, for a second at most; so a key that is revoked, by whomever, is refused within that time.
/// </remarks>
internal sealed class KeyGate(CatalogStore catalog, KeyTable keys, KeyDigest digest, KeyUses uses, SessionTable sessions, SessionUses sessionUses, ServerSettings settings, TimeProvider clock)
{
    private const string Scheme = "Bearer ";

    // 1 January 2020: it was never a good idea (RFC 9745 wants a date).
    private const string DeprecatedSince = "@1577836800";

    private static readonly string[] QueryNames = ["api_key", "apikey"];
    // Longer than any lookup takes: what a refusal took tells nothing.
    private static readonly TimeSpan RefusalTime = TimeSpan.FromMilliseconds(5);

    private const int MostKnown = 10_000;

    private readonly CatalogCache<KnownKey, Caller> _known = new(catalog, MostKnown, clock, CatalogPart.Rights);
    private readonly bool _inUrl = settings.Flag(KeySettings.InUrl);
    private readonly RecentKeys _good = new(settings.Int(LimitSettings.Tracked));
    private readonly FailureBudget _failures = new(
        settings.Int(KeySettings.FailuresByAddress), settings.Seconds(KeySettings.FailureSeconds), settings.Int(LimitSettings.Tracked), clock);

    /// <summary>Whether the request presents a key, or something else in its place.</summary>
    public static bool HasKey(HttpRequest request) => request.Headers.Authorization.Count > 0 || FromQuery(request) is not null;

    /// <param name="http">The request.</param>
    /// <param name="cancellationToken">The client hung up.</param>
    /// <param name="takesSession">Whether a session's token is as good as a key: at the native API, and nowhere else.</param>
    public ValueTask<Outcome<Caller>> AuthenticateAsync(HttpContext http, CancellationToken cancellationToken, bool takesSession = false) =>
        KeyOnConnection.Find(http) is { } name && FindKnown(http, name) is { } known
            ? ValueTask.FromResult<Outcome<Caller>>(known)
            : JudgeAsync(http, takesSession, cancellationToken);

    private async ValueTask<Outcome<Caller>> JudgeAsync(HttpContext http, bool takesSession, CancellationToken cancellationToken)
    {
        var presented = Find(http);
        if (presented.IsFault)
        {
            return presented.Fault;
        }

        var key = presented.Value;
        if (takesSession && SecretText.IsWellFormed(key, SecretText.Session))
        {
            return await LookUpAsync(http, key, sessions.FindCaller, cancellationToken);
        }

        switch (ApiKey.Judge(key))
        {
            case KeyForm.Coffre:
                break;
            case KeyForm.HasBlanks:
                return new Fault(KoCode.KeyHasBlanks);
            case KeyForm.WrongChecksum:
                return new Fault(KoCode.KeyHasTypingError);
            default:
                return new Fault(KoCode.NotAuthenticated);
        }

        var version = _known.Version;
        var name = NameOf(http, key);
        if (FindKnown(http, name) is { } known)
        {
            KeyOnConnection.Keep(http, name);
            return known;
        }

        var found = await LookUpAsync(http, key, keys.FindCaller, cancellationToken);
        if (!found.IsFault && !found.Value.IsFirstUse)
        {
            _known.Keep(name, found.Value, version);
        }

        return found;
    }

    private Caller? FindKnown(HttpContext http, KnownKey name) =>
        _known.Find(name) is { } known && known.Rights.Admits(http.Connection.RemoteIpAddress) ? known : null;

    /// <summary>What a good key is remembered under: never the key itself.</summary>
    private KnownKey NameOf(HttpContext http, string key)
    {
        var bytes = digest.Of(key).AsSpan();
        return new KnownKey(Subject.Of(http.Connection.RemoteIpAddress), BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));
    }

    private async ValueTask<Outcome<Caller>> LookUpAsync(HttpContext http, string key, Func<CatalogSession, string, Caller?> find, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var address = http.Connection.RemoteIpAddress;
        var here = Subject.Of(address);
        if (_failures.Wait(here) is { } wait && !_good.Has(here, key))
        {
            return new Fault(KoCode.TooManySignIns) { RetryAfter = wait };
        }

        if (await catalog.ReadAsync(session => find(session, key), cancellationToken) is not { } caller)
        {
            _failures.Count(here);

            // Real time, whatever the clock says: it is what a stranger could measure.
            if (RefusalTime - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest, cancellationToken);
            }

            return new Fault(KoCode.NotAuthenticated);
        }

        if (caller.Suspended)
        {
            return new Fault(KoCode.AccountSuspended);
        }

        if (!caller.Rights.Admits(address))
        {
            return new Fault(KoCode.NotAllowed, "this key may not be used from this address");
        }

        _good.Add(here, key);
        await (caller.SessionId == 0 ? uses.NoteAsync(caller, http) : sessionUses.NoteAsync(caller, http));
        return caller;
    }

    private Outcome<string> Find(HttpContext http)
    {
        var header = http.Request.Headers[HeaderNames.Authorization];
        if (header.Count == 0 && FromQuery(http.Request) is { } key)
        {
            http.Response.Headers["Deprecation"] = DeprecatedSince;
            return _inUrl ? key : new Fault(KoCode.NotAuthenticated, "not in the URL, which is written down on the way: send the header Authorization: Bearer KEY");
        }

        return header is [{ } text] && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? text[Scheme.Length..]
            : new Fault(KoCode.NotAuthenticated);
    }

    private static string? FromQuery(HttpRequest request) =>
        QueryNames.Select(name => request.Query[name].ToString()).FirstOrDefault(value => value.Length > 0);
}
