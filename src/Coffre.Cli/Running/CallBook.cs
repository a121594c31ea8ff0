using System.Globalization;
using Coffre.Client;

namespace Coffre.Cli.Running;

/// <summary>Counts the requests of a run by endpoint (<c>--explain-requests</c>).</summary>
internal sealed class CallBook
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, CallCount> _counts = new(StringComparer.Ordinal);

    public void Add(CallTrace call)
    {
        var slash = call.Target.IndexOf('/', StringComparison.Ordinal);

        // Of download addresses only the host is told.
        var path = slash < 0 || call.Target.EndsWith('…') ? "(download)" : call.Target[(slash + 1)..];
        lock (_gate)
        {
            var endpoint = $"{call.Method} {path}";
            var count = _counts.GetValueOrDefault(endpoint) ?? new CallCount(endpoint, 0, 0, TimeSpan.Zero);
            _counts[endpoint] = count with
            {
                Calls = count.Calls + 1,
                Refused = count.Refused + (call.Status is 0 or >= 400 ? 1 : 0),
                Waited = count.Waited + call.Waited,
            };
        }
    }

    public IReadOnlyList<CallCount> List()
    {
        lock (_gate)
        {
            return [.. _counts.Values];
        }
    }

    public IEnumerable<string> Lines()
    {
        var counts = List();
        yield return string.Create(CultureInfo.InvariantCulture, $"{counts.Sum(count => count.Calls)} requests, {counts.Sum(count => count.Refused)} of them refused or lost:");
        foreach (var count in counts)
        {
            var waited = count.Waited > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $", held back {count.Waited.TotalSeconds:0.0} s in all") : "";
            yield return string.Create(CultureInfo.InvariantCulture, $"{count.Calls,8}  {count.Endpoint}{(count.Refused > 0 ? $" ({count.Refused} refused or lost)" : "")}{waited}");
        }
    }
}

/// <param name="Endpoint">Method and path.</param>
/// <param name="Calls">How often it was asked.</param>
/// <param name="Refused">How often it refused or did not answer.</param>
/// <param name="Waited">How long calls were held back, so that the service has no reason to lock us.</param>
internal sealed record CallCount(string Endpoint, int Calls, int Refused, TimeSpan Waited);
