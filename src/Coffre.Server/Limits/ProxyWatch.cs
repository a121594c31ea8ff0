namespace Coffre.Server.Limits;

/// <summary>Tells an operator, once, that a proxy seems to stand before the server which was not told of it: all clients then count as one.</summary>
internal sealed partial class ProxyWatch(RequestDelegate next, ILogger<ProxyWatch> logger)
{
    private int _told;

    public Task InvokeAsync(HttpContext http)
    {
        if (Volatile.Read(ref _told) == 0 && http.Request.Headers.ContainsKey("X-Forwarded-For") && Interlocked.Exchange(ref _told, 1) == 0)
        {
            LogNotTrusted(LimitSettings.TrustedProxies.Key);
        }

        return next(http);
    }

    [LoggerMessage(LogLevel.Warning, "A request has X-Forwarded-For, which is not believed. If a reverse proxy stands before this server, set {Setting} to its address: until then all clients behind it count as one")]
    private partial void LogNotTrusted(string setting);
}
