using System.Globalization;

namespace Coffre.Server.Limits;

/// <summary><c>RateLimit</c> and <c>RateLimit-Policy</c>, as draft-ietf-httpapi-ratelimit-headers has them.</summary>
internal static class RateHeaders
{
    // The same for nearly all calls: the operator's. Replaced by one of a key with a rate of its own.
    private static Policy? _last;

    public static void Write(HttpResponse response, RateVerdict verdict)
    {
        // A bucket that is filled at a rate is, to the draft, a quota in the time that fills it.
        var window = Math.Max(1, (long)Math.Ceiling((double)verdict.Burst / verdict.Rate));
        response.Headers["RateLimit-Policy"] = PolicyOf(verdict.Burst, window);
        response.Headers["RateLimit"] = string.Create(
            CultureInfo.InvariantCulture, $"\"calls\";r={verdict.Left};t={Math.Ceiling(verdict.Wait.TotalSeconds):0}");
    }

    private static string PolicyOf(long burst, long window)
    {
        var last = _last;
        if (last is null || last.Burst != burst || last.Window != window)
        {
            last = new Policy(burst, window, string.Create(CultureInfo.InvariantCulture, $"\"calls\";q={burst};w={window}"));
            _last = last;
        }

        return last.Text;
    }

    private sealed record Policy(long Burst, long Window, string Text);
}
