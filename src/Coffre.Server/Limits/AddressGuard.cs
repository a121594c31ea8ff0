using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Access;
using Coffre.Server.Audit;
using Coffre.Server.Door;
using Coffre.Server.Settings;

namespace Coffre.Server.Limits;

/// <summary>What is asked of an address before anything else, and afterwards what is noted of refusals: strikes that count against it, the audit log.</summary>
/// <remarks>Uploads, reports and downloads pass: they were granted by a call that was counted, and a flood must not break them.</remarks>
internal sealed class AddressGuard(RequestDelegate next, FloodGate gate, LockBook locks, Refusals refusals, ServerSettings settings, TimeProvider clock)
{
    private readonly StrikeCounter _strikes = new(
        settings.Number(LimitSettings.Strikes), settings.Seconds(LimitSettings.StrikeSeconds), settings.Int(LimitSettings.Tracked), clock);

    private readonly TimeSpan _strikeLock = settings.Seconds(LimitSettings.StrikeLock);

    public async Task InvokeAsync(HttpContext http)
    {
        var isCall = http.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal) || ProblemWriter.IsFor(http.Request) || http.Request.Path == V1Paths.CheckLinks;
        if (isCall && await gate.AdmitAddressAsync(http) is { } fault)
        {
            refusals.Note(fault, Actor.Of(http, caller: null));
            await RefuseAsync(http, fault);
            return;
        }

        await next(http);
        if (http.Items[typeof(Fault)] is Fault refused)
        {
            refusals.Note(refused, Actor.Of(http, http.Items[typeof(Caller)] as Caller));
        }

        if (http.Response.StatusCode is 401 or 403 or 404 or 410 && !IsFlood(http) && _strikes.Add(Subject.Of(http.Connection.RemoteIpAddress)))
        {
            await locks.PutAsync(
                new FloodLock(Subject.Of(http.Connection.RemoteIpAddress), FloodLock.Everything, KoCode.IpLocked, clock.GetUtcNow() + _strikeLock),
                CancellationToken.None);
        }
    }

    /// <summary>Refusals for asking too often are no strikes: they have a lock of their own.</summary>
    private static bool IsFlood(HttpContext http) =>
        http.Items[typeof(Fault)] is Fault { Code: KoCode.FloodIp or KoCode.FloodInfo or KoCode.FloodUser or KoCode.FloodKey or KoCode.IpLocked };

    private static Task RefuseAsync(HttpContext http, Fault fault)
    {
        if (http.Request.Path != V1Paths.CheckLinks)
        {
            return KoWriter.WriteFaultAsync(http.Response, fault);
        }

        // Clients of check_links.pl compare the whole body.
        http.Items[typeof(Fault)] = fault;
        KoWriter.SetRetryAfter(http.Response, fault);
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync("IP Locked");
    }
}
