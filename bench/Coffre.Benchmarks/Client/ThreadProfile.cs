using System.Diagnostics;
using System.Globalization;

namespace Coffre.Benchmarks.Client;

/// <summary>Processor time of a program by thread, read from the system while it runs.</summary>
internal sealed class ThreadProfile
{
    private const double TicksPerSecond = 100;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<string, (string Name, double User, double System)> _threads = new(StringComparer.Ordinal);

    public double User => _threads.Values.Sum(static thread => thread.User);

    public double System => _threads.Values.Sum(static thread => thread.System);

    public double Seconds { get; private set; }

    /// <summary>The threads that worked most.</summary>
    public string Busiest => string.Join("; ", _threads.Values.OrderByDescending(static thread => thread.User + thread.System).Take(4).Select(static thread =>
        string.Create(CultureInfo.InvariantCulture, $"{thread.Name} {thread.User:F1} + {thread.System:F1}")));

    /// <summary>Runs a program to its end. It must succeed.</summary>
    public static ThreadProfile Of(string program, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var profile = new ThreadProfile();
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        while (!process.WaitForExit(Interval))
        {
            profile.Look(process.Id);
        }

        profile.Seconds = clock.Elapsed.TotalSeconds;
        return process.ExitCode == 0 ? profile : throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }

    private void Look(int id)
    {
        try
        {
            foreach (var folder in Directory.EnumerateDirectories($"/proc/{id}/task"))
            {
                // Behind the name, which may hold blanks: user and system time are the 12th and 13th field.
                var text = File.ReadAllText(Path.Combine(folder, "stat"));
                var name = text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..text.LastIndexOf(')')];
                var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
                _threads[folder] = (name, Ticks(fields[11]), Ticks(fields[12]));
            }
        }
        catch (IOException)
        {
            // The thread, or the program, has just ended.
        }
    }

    private static double Ticks(string text) => long.Parse(text, CultureInfo.InvariantCulture) / TicksPerSecond;
}
