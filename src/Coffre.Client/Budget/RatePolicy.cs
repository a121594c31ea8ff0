using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Serialization;

namespace Coffre.Client.Budget;

/// <summary>What a service says of its own rate: so many calls in so many seconds (<c>RateLimit-Policy</c>).</summary>
/// <param name="Calls">Most calls in the window.</param>
/// <param name="Seconds">The window.</param>
internal sealed record RatePolicy(long Calls, long Seconds)
{
    // Whoever grants this many knows of no rule on single folders either.
    private const double Generous = 20;

    /// <summary>Calls left when it was said; null if it was not said.</summary>
    public long? Left { get; init; }

    [JsonIgnore]
    public TimeSpan Interval => TimeSpan.FromSeconds((double)Seconds / Calls);

    [JsonIgnore]
    public bool IsGenerous => (double)Calls / Seconds >= Generous;

    /// <summary>Whether so little is left that an even pace is wiser than a burst.</summary>
    [JsonIgnore]
    public bool IsShort => Left is { } left && left * 10 < Calls;

    /// <summary>Null if the answer says nothing of it.</summary>
    public static RatePolicy? Of(HttpResponseHeaders headers) =>
        Value(headers, "RateLimit-Policy", "q") is { } calls and > 0 && Value(headers, "RateLimit-Policy", "w") is { } seconds and > 0
            ? new RatePolicy(calls, seconds) { Left = Value(headers, "RateLimit", "r") }
            : null;

    private static long? Value(HttpResponseHeaders headers, string header, string name)
    {
        if (!headers.TryGetValues(header, out var values))
        {
            return null;
        }

        foreach (var part in string.Join(';', values).Split(';', StringSplitOptions.TrimEntries))
        {
            if (part.Length > 2 && part[1] == '=' && part[0] == name[0] && long.TryParse(part.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }
        }

        return null;
    }
}
