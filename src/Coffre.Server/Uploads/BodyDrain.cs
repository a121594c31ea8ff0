using Coffre.Server.Settings;

namespace Coffre.Server.Uploads;

/// <summary>Reads what is left of a refused upload and throws it away.</summary>
/// <remarks>
/// Clients that still send when the answer comes hang for ever (rclone does) or see a reset connection instead of the reason.
/// What is read is bounded in bytes and time; past that the connection is cut.
/// </remarks>
internal sealed class BodyDrain(ServerSettings settings, TimeProvider clock)
{
    private readonly long _maxBytes = settings.Bytes(SettingList.DrainBytes);
    private readonly TimeSpan _maxTime = settings.Seconds(SettingList.DrainSeconds);

    public async Task DrainAsync(HttpContext http)
    {
        using var deadline = new CancellationTokenSource(_maxTime, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, http.RequestAborted);
        var drained = 0L;
        try
        {
            while (true)
            {
                var read = await http.Request.BodyReader.ReadAsync(stop.Token);
                drained += read.Buffer.Length;
                http.Request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }

                if (drained > _maxBytes)
                {
                    http.Response.Headers.Connection = "close";
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or BadHttpRequestException)
        {
            // Gone, too slow, or cut short: the answer is tried all the same.
            http.Response.Headers.Connection = "close";
        }
    }
}
