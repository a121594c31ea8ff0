using System.Net;
using Coffre.Client.Calls;

namespace Coffre.Client.Downloads;

/// <summary>Whether an answer holds the bytes that a <see cref="RangePump"/> asked for, of the version that it is about.</summary>
internal static class RangeAnswer
{
    /// <summary>How many bytes of the body come before the position; -1 if there is nothing to read.</summary>
    public static async Task<long> CheckAsync(HttpResponseMessage answer, DownloadSource source, RangeGoal goal, long position, CancellationToken cancellationToken)
    {
        switch (answer.StatusCode)
        {
            case HttpStatusCode.RequestedRangeNotSatisfiable when goal.MeetsEnd(answer.Content.Headers.ContentRange?.Length):
                return -1;
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                throw Changed(answer, "is shorter than the part that is here already");
            case HttpStatusCode.OK or HttpStatusCode.PartialContent:
                break;
            default:
                var body = await V1Caller.ReadAsync(answer, cancellationToken).ConfigureAwait(false);
                throw Dead(AnswerJudge.Refusal(answer, body.Span));
        }

        var headers = answer.Content.Headers;
        if (headers.ContentType?.MediaType is "text/html" && headers.ContentDisposition is null)
        {
            var page = await V1Caller.ReadAsync(answer, cancellationToken).ConfigureAwait(false);
            throw Dead(AnswerJudge.Refusal(answer, page.Span));
        }

        var total = answer.StatusCode == HttpStatusCode.OK ? headers.ContentLength : headers.ContentRange?.Length;
        if (source.Compare(total, answer.Headers.ETag) is { } difference)
        {
            throw Changed(answer, difference);
        }

        if (answer.StatusCode == HttpStatusCode.OK)
        {
            // The service does not do ranges: what is here already is read again and passed over.
            return position;
        }

        return headers.ContentRange?.From == position
            ? 0
            : throw AnswerJudge.Unexpected(answer, "The service sent another part of the file than was asked for.");
    }

    /// <summary>What a download address says when it is used up is no verdict on the file: a new address decides.</summary>
    private static CoffreException Dead(CoffreException refusal) =>
        refusal.Error is CoffreError.NotFound or CoffreError.Forbidden or CoffreError.NotAuthenticated or CoffreError.Refused
            ? new CoffreException(CoffreError.Unavailable, $"The download address is no longer good: {refusal.Message}", refusal)
            {
                Status = refusal.Status,
                Ko = refusal.Ko,
                RequestId = refusal.RequestId,
            }
            : refusal;

    private static CoffreException Changed(HttpResponseMessage answer, string how) =>
        new(CoffreError.RemoteChanged, $"The remote file {how}.") { Status = answer.StatusCode };
}
