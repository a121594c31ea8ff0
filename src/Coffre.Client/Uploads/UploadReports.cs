using System.Text.Json;
using Coffre.Client.Calls;
using Coffre.Protocol.V1;

namespace Coffre.Client.Uploads;

/// <summary>Fetches the report of an upload, for as long as the service shows its waiting page instead.</summary>
internal sealed class UploadReports(Wire wire)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <exception cref="CoffreException">There is no such report, or it did not come in time.</exception>
    public async Task<UploadReport> WaitAsync(Uri address, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = wire.Time.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            CoffreException trouble;
            try
            {
                if (await TryGetAsync(address, cancellationToken).ConfigureAwait(false) is { } report)
                {
                    return report;
                }

                trouble = new CoffreException(CoffreError.UnexpectedAnswer, "The upload arrived, but the service has not finished its report yet.")
                {
                    Advice = "list the folder in some minutes: the file may be there already",
                };
            }
            catch (CoffreException exception) when (exception.IsTransient)
            {
                trouble = exception;
            }

            if (wire.Time.GetElapsedTime(started) + pause > patience)
            {
                throw trouble;
            }

            await wire.DelayAsync(trouble.RetryAfter ?? pause, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>The report, if these bytes are one.</summary>
    public static UploadReport? TryRead(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, V1Json.Default.UploadReport) is { Links: not null } report ? report : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<UploadReport?> TryGetAsync(Uri address, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(wire.Options.CallTimeout, wire.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("JSON", "1");
        try
        {
            // The report needs no key, so none is sent.
            using var answer = await wire.SendAsync(request, withKey: false, address.Authority + address.AbsolutePath, either.Token).ConfigureAwait(false);
            var body = await V1Caller.ReadAsync(answer, either.Token).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? TryRead(body.Span) : throw AnswerJudge.Refusal(answer, body.Span);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CoffreException(CoffreError.Timeout, $"The service at {address.Authority} did not answer in time.", exception);
        }
    }
}
