using System.Globalization;

namespace Coffre.Server.Limits;

/// <summary><c>RateLimit</c> and <c>RateLimit-Policy</c>, as draft-ietf-httpapi-ratelimit-headers has them.</summary>
internal static class RateHeaders
{
    public static void Write(HttpResponse response, RateVerdict verdict)
    {
        // A bucket that is filled at a rate is, to the draft, a quota in the time that fills it.
        var window = Math.Max(1, (long)Math.Ceiling((double)verdict.Burst / verdict.Rate));
        response.Headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"calls\";q={verdict.Burst};w={window}");
        response.Headers["RateLimit"] = string.Create(
            CultureInfo.InvariantCulture, $"\"calls\";r={verdict.Left};t={Math.Ceiling(verdict.Wait.TotalSeconds):0}");
    }
}
