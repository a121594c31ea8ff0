using System.Globalization;

namespace Coffre.Benchmarks.Peers;

/// <summary>Many small requests by Debian's wrk: one thread, 64 connections kept alive.</summary>
internal static class Wrk
{
    private const int Seconds = 4;

    /// <summary>Requests a second, and the server's processor time for each. An answer other than 2xx or 3xx is an exception.</summary>
    /// <param name="address">Scheme, host and port.</param>
    /// <param name="script">Lua that makes the requests; lies in <paramref name="folder"/> afterwards.</param>
    /// <param name="folder">Where the script may be put.</param>
    /// <param name="cpu">The server's processor time so far.</param>
    public static Turn Run(string address, string script, string folder, Func<double> cpu)
    {
        var path = Path.Combine(folder, "wrk.lua");
        File.WriteAllText(path, script);
        var before = cpu();
        var output = Child.Run("wrk", "-t1", "-c64", $"-d{Seconds}s", "-s", path, address);
        var spent = cpu() - before;
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"Not every request went well: {output}");
        }

        const string mark = "Requests/sec:";
        var line = output.Split('\n').First(static text => text.StartsWith(mark, StringComparison.Ordinal));
        var rate = double.Parse(line[mark.Length..], CultureInfo.InvariantCulture);
        return new Turn(rate, spent / (rate * Seconds));
    }

    /// <summary>GETs of these paths in turn.</summary>
    public static string Gets(IEnumerable<string> paths) =>
        $$"""
        local paths = { {{string.Join(", ", paths.Select(static path => $"\"{path}\""))}} }
        local n = 0
        request = function()
            n = n % #paths + 1
            return wrk.format("GET", paths[n])
        end
        """;

    /// <summary>One POST of JSON, again and again.</summary>
    public static string Post(string path, string body, string? key) =>
        $$"""
        wrk.method = "POST"
        wrk.path = "{{path}}"
        wrk.body = [[{{body}}]]
        wrk.headers["Content-Type"] = "application/json"
        {{(key is null ? "" : $"wrk.headers[\"Authorization\"] = \"Bearer {key}\"")}}
        """;
}
