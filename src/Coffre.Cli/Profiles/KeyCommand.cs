using System.Collections.Concurrent;
using System.Diagnostics;
using Coffre.Cli.Running;

namespace Coffre.Cli.Profiles;

/// <summary>Runs the command that prints the key, such as a password manager; once per process and command.</summary>
internal static class KeyCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly ConcurrentDictionary<string, Lazy<string>> Answers = new(StringComparer.Ordinal);

    public static string Run(string command) => Answers.GetOrAdd(command, text => new Lazy<string>(() => Ask(text))).Value;

    private static string Ask(string command)
    {
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo("cmd.exe", ["/d", "/c", command])
            : new ProcessStartInfo("/bin/sh", ["-c", command]);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start) ?? throw CliException.Usage("COFFRE_API_KEY_COMMAND could not be started.");
        var reading = process.StandardOutput.ReadLineAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw CliException.Usage("COFFRE_API_KEY_COMMAND did not end within 30 seconds.");
        }

        return process.ExitCode == 0
            ? reading.GetAwaiter().GetResult() ?? throw CliException.Usage("COFFRE_API_KEY_COMMAND printed nothing.")
            : throw CliException.Usage($"COFFRE_API_KEY_COMMAND ended with exit code {process.ExitCode}.");
    }
}
