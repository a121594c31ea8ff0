using System.Collections.Concurrent;
using System.Diagnostics;
using Coffre.Cli.Running;

namespace Coffre.Cli.Profiles;

/// <summary>Runs the command that prints the key, such as a password manager; once per process and command.</summary>
internal static class KeyCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly ConcurrentDictionary<string, Lazy<string>> Answers = new(StringComparer.Ordinal);

    /// <param name="command">For the shell.</param>
    /// <param name="what">What to call it where it fails.</param>
    public static string Run(string command, string what = "COFFRE_API_KEY_COMMAND") => Answers.GetOrAdd(command, text => new Lazy<string>(() => Ask(text, what))).Value;

    private static string Ask(string command, string what)
    {
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd.exe", ["/d", "/c", command])
            : new ProcessStartInfo("/bin/sh", ["-c", command]);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start) ?? throw CliException.Usage($"{what} could not be started.");
        var reading = process.StandardOutput.ReadLineAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw CliException.Usage($"{what} did not end within 30 seconds.");
        }

        return process.ExitCode == 0
            ? reading.GetAwaiter().GetResult() ?? throw CliException.Usage($"{what} printed nothing.")
            : throw CliException.Usage($"{what} ended with exit code {process.ExitCode}.");
    }
}
