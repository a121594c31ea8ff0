using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Coffre.Protocol;
using Coffre.Server.Access;
using Microsoft.AspNetCore.Connections;

namespace Coffre.Server.Door;

/// <summary>The outermost room: request ids, one log line per finished request, and the one place that catches a broken world.</summary>
internal sealed partial class Guard(RequestDelegate next, TimeProvider clock, ILogger<Guard> logger)
{
    private const int MaxHeaderBytes = 32 * 1024;

    public async Task InvokeAsync(HttpContext http)
    {
        var start = clock.GetTimestamp();
        http.TraceIdentifier = NewId();
        http.Response.Headers["X-Request-Id"] = http.TraceIdentifier;
        ClientBody.Wrap(http);
        try
        {
            await (TotalLength(http.Request.Headers) > MaxHeaderBytes
                ? AnswerAsync(http, new Fault(KoCode.HeadersTooLarge, $"at most {MaxHeaderBytes} bytes"))
                : next(http));
        }
        catch (Exception exception) when (IsGone(exception, http))
        {
            // Nobody reads the answer; the status is for the log alone, and once the answer has begun it stands.
            if (!http.Response.HasStarted)
            {
                http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            }

            // A read that the hang-up broke off would be in Kestrel's way when it looks for the rest of the body.
            http.Abort();
        }
        catch (BadHttpRequestException exception)
        {
            await AnswerAsync(http, new Fault(
                exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? KoCode.BodyTooLarge : KoCode.MalformedRequest));
        }
        catch (IOException exception) when (IsBrokenStream(exception))
        {
            await AnswerAsync(http, new Fault(KoCode.MalformedRequest, "the body ended before its announced length"));
        }
        catch (Exception exception) when (FullDisk.IsCauseOf(exception))
        {
            LogFull(http.TraceIdentifier, exception.Message);
            await AnswerAsync(http, new Fault(KoCode.DiskFull));
        }
        catch (Exception exception)
        {
            LogBroken(exception, http.TraceIdentifier);
            await AnswerAsync(http, new Fault(KoCode.InternalError, http.TraceIdentifier));
        }

        // Asked first: cleaning the path costs more than a small download.
        if (logger.IsEnabled(LogLevel.Information))
        {
            Tell(http, start);
        }
    }

    /// <summary>An id for the log: the form of a UUID of version 7. Nobody's secret, so the kernel is not asked for its random bytes.</summary>
    private string NewId()
    {
        const int timeBytes = 6;
        Span<byte> bytes = stackalloc byte[16];
        Random.Shared.NextBytes(bytes);
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, clock.GetUtcNow().ToUnixTimeMilliseconds());
        time[^timeBytes..].CopyTo(bytes);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0f));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3f));
        return Convert.ToHexStringLower(bytes);
    }

    private void Tell(HttpContext http, long start) =>
        LogFinished(
            http.Request.Method, http.Request.Path.Value is { } path ? Redactor.Clean(path) : "", http.Request.Protocol, http.Response.StatusCode,
            (long)clock.GetElapsedTime(start).TotalMilliseconds, (http.Items[typeof(Caller)] as Caller)?.AccountId.ToString(CultureInfo.InvariantCulture) ?? "-",
            (http.Items[typeof(Fault)] as Fault)?.Code.ToString() ?? "-", http.TraceIdentifier);

    private static int TotalLength(IHeaderDictionary headers)
    {
        var total = 0;
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
            {
                total += name.Length + (value?.Length ?? 0);
            }
        }

        return total;
    }

    private static bool IsGone(Exception exception, HttpContext http) =>
        exception is ConnectionResetException or ConnectionAbortedException
        || (exception is OperationCanceledException && http.RequestAborted.IsCancellationRequested);

    /// <summary>Over HTTP/2 the server has no public exception for a body that breaks its own rules; the one inside is known by where it comes from.</summary>
    private static bool IsBrokenStream(IOException exception) =>
        exception.InnerException?.GetType().FullName?.StartsWith("Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http2.", StringComparison.Ordinal) == true;

    private static async Task AnswerAsync(HttpContext http, Fault fault)
    {
        if (http.Response.HasStarted)
        {
            // Half an answer must not look like a whole one.
            http.Abort();
            return;
        }

        var requestId = http.TraceIdentifier;
        http.Response.Clear();
        http.Response.Headers["X-Request-Id"] = requestId;
        if (http.Request.Path.StartsWithSegments("/upload.cgi", StringComparison.Ordinal))
        {
            await http.RequestServices.GetRequiredService<Uploads.BodyDrain>().DrainAsync(http);
        }

        try
        {
            await KoWriter.WriteFaultAsync(http.Response, fault);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client is gone; there is nobody to tell.
            Debug.WriteLine(exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Method} {Path} {Protocol} {Status} in {Milliseconds} ms, account {AccountId}, fault {FaultCode}, request {RequestId}")]
    private partial void LogFinished(string method, string path, string protocol, int status, long milliseconds, string accountId, string faultCode, string requestId);

    [LoggerMessage(LogLevel.Error, "Request {RequestId} failed")]
    private partial void LogBroken(Exception exception, string requestId);

    [LoggerMessage(LogLevel.Error, "Request {RequestId} found no room on the disk: {Reason}")]
    private partial void LogFull(string requestId, string reason);
}
