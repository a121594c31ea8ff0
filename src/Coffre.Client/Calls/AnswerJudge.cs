using System.Net;
using System.Text;
using System.Text.Json;
using Coffre.Client.Budget;
using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Coffre.Client.Calls;

/// <summary>Tells refusals apart. By the text first: the numbers of 1fichier.com move with its releases.</summary>
internal static class AnswerJudge
{
    private const int LongestText = 300;

    /// <summary>The exception for an answer that is a refusal.</summary>
    /// <param name="answer">Status and headers.</param>
    /// <param name="body">What came, whole or its beginning.</param>
    public static CoffreException Refusal(HttpResponseMessage answer, ReadOnlySpan<byte> body)
    {
        var message = MessageOf(body);
        return Refusal(answer, message ?? "", message ?? $"The service answered HTTP {(int)answer.StatusCode}.");
    }

    /// <summary>The exception for a message that stands in an envelope.</summary>
    public static CoffreException Refusal(HttpResponseMessage answer, string judged, string shown)
    {
        var number = KoCatalogue.NumberOf(judged);
        return new CoffreException(Judge(answer.StatusCode, judged, number), shown)
        {
            Status = answer.StatusCode,
            Ko = number,
            RequestId = RequestIdOf(answer),
            RetryAfter = RetryAfterOf(answer),
        };
    }

    public static CoffreException Unexpected(HttpResponseMessage answer, string message, Exception? inner = null) =>
        new(CoffreError.UnexpectedAnswer, message, inner) { Status = answer.StatusCode, RequestId = RequestIdOf(answer) };

    public static string? RequestIdOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("X-Request-Id", out var values) ? values.FirstOrDefault() : null;

    /// <summary>Whether this is a refusal in the envelope of the v1 protocol.</summary>
    public static bool IsEnvelope(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, V1Json.Default.V1Answer) is { Status: V1Answer.Ko, Message.Length: > 0 };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The message of an envelope, or of the error page that came instead; null if there is none.</summary>
    public static string? MessageOf(ReadOnlySpan<byte> body)
    {
        try
        {
            if (JsonSerializer.Deserialize(body, V1Json.Default.V1Answer)?.Message is { Length: > 0 } message)
            {
                return message;
            }
        }
        catch (JsonException)
        {
            // Not an envelope: a page for people, perhaps.
        }

        return HtmlText.MessageOf(Encoding.UTF8.GetString(body[..Math.Min(body.Length, 16 * 1024)]), LongestText);
    }

    /// <summary>What a refusal means, by its text first.</summary>
    public static CoffreError Judge(HttpStatusCode status, string text, int? number)
    {
        // Numbers from 9001 are those of coffre-server, and stay.
        if (number >= 9000 && KoCatalogue.All.FirstOrDefault(entry => entry.Value.Number == number) is { Value: not null } own)
        {
            return OfCode(own.Key, (HttpStatusCode)own.Value.HttpStatus);
        }

        return ServiceFacts.Known.Find(text, number)?.Error ?? OfStatus(status);
    }

    /// <summary>The kind of a refusal that coffre-server names by one of its own codes.</summary>
    public static CoffreError OfCode(KoCode code, HttpStatusCode status) => code switch
    {
        KoCode.KeyHasBlanks or KoCode.KeyHasTypingError or KoCode.NotAuthenticated or KoCode.WrongPassword => CoffreError.NotAuthenticated,
        KoCode.BadName => CoffreError.BadName,
        KoCode.NoSuchFolder or KoCode.NoSuchUpload or KoCode.NotFound or KoCode.TokenExpired or KoCode.NoSuchCall or KoCode.NoSuchVoucher or KoCode.NoSuchFtpUser or KoCode.FtpOff or KoCode.RemoteOff or KoCode.NoSuchRemote or KoCode.ScanOff => CoffreError.NotFound,
        KoCode.NameTaken or KoCode.FolderNotEmpty or KoCode.FolderIntoItself or KoCode.FolderTooDeep or KoCode.NothingRenamed or KoCode.NothingChanged
            or KoCode.UploadFinished or KoCode.VoucherUsed or KoCode.FtpUserTaken or KoCode.VoucherOfNoUse => CoffreError.Conflict,
        KoCode.BodyTooLarge or KoCode.TooManyItems or KoCode.FileTooLarge or KoCode.UploadTooManyParts or KoCode.ScanTooLarge => CoffreError.TooLarge,
        KoCode.QuotaExceeded or KoCode.DiskFull => CoffreError.QuotaExceeded,
        KoCode.TooManyUploads or KoCode.TooManyRequests or KoCode.FloodKey or KoCode.TooManySignIns or KoCode.TooManyRemotes => CoffreError.Flooded,
        KoCode.IpLocked => CoffreError.Locked,
        KoCode.Unavailable or KoCode.ScanFailed => CoffreError.Unavailable,
        KoCode.InternalError => CoffreError.ServerError,
        KoCode.UploadTruncated => CoffreError.Network,
        _ => OfStatus(status),
    };

    /// <summary>The kind of a refusal of which only the HTTP status is understood.</summary>
    public static CoffreError OfStatus(HttpStatusCode status) => (int)status switch
    {
        401 or 407 => CoffreError.NotAuthenticated,
        403 => CoffreError.Forbidden,
        404 or 410 => CoffreError.NotFound,
        408 => CoffreError.Timeout,
        409 => CoffreError.Conflict,
        413 => CoffreError.TooLarge,
        429 => CoffreError.Flooded,
        507 => CoffreError.QuotaExceeded,
        502 or 503 or 504 => CoffreError.Unavailable,
        >= 500 => CoffreError.ServerError,
        >= 400 => CoffreError.BadRequest,
        >= 300 => CoffreError.UnexpectedAnswer,
        _ => CoffreError.Refused,
    };

    public static TimeSpan? RetryAfterOf(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when answer.Headers.Date is { } now && date > now => date - now,
        _ => null,
    };
}
