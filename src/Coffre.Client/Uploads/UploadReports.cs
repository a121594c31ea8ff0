using System.Text.Json;
using Coffre.Client.Budget;
using Coffre.Client.Calls;
using Coffre.Protocol.V1;

namespace Coffre.Client.Uploads;

/// <summary>Fetches the report of an upload, for as long as the service shows its waiting page instead.</summary>
internal sealed class UploadReports(Wire wire)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <param name="address">Of the report.</param>
    /// <param name="patience">How long to wait for a service that is busy with the upload.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="patienceWithNothing">
    /// How long to wait for a service that cannot be reached or knows of no such upload yet; null: as long as for a busy one, and
    /// not at all for an unknown upload.
    /// </param>
    /// <exception cref="CoffreException">There is no such report, or it did not come in time.</exception>
    public async Task<UploadReport> WaitAsync(Uri address, TimeSpan patience, CancellationToken cancellationToken, TimeSpan? patienceWithNothing = null)
    {
        var started = wire.Time.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            CoffreException trouble;
            var limit = patience;
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
            catch (CoffreException exception) when (exception.IsTransient || (patienceWithNothing is not null && exception.Error == CoffreError.NotFound))
            {
                trouble = exception;
                limit = patienceWithNothing ?? patience;
            }

            if (wire.Time.GetElapsedTime(started) + pause > limit)
            {
                throw trouble;
            }

            await wire.DelayAsync(trouble.RetryAfter ?? pause, trouble, cancellationToken).ConfigureAwait(false);
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
        using var limit = new CallLimit(wire.Options, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("JSON", "1");
        try
        {
            // The report needs no key, so none is sent.
            using var answer = await wire.SendAsync(request, BudgetAsk.Transfer, withKey: false, address.Authority + address.AbsolutePath, limit).ConfigureAwait(false);
            var body = await V1Caller.ReadAsync(answer, limit.Token).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? TryRead(body.Span) : throw AnswerJudge.Refusal(answer, body.Span);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CoffreException(CoffreError.Timeout, $"The service at {address.Authority} did not answer in time.", exception);
        }
    }
}
