using System.Diagnostics;

namespace Coffre.Tests.Storage;

/// <summary>Runs a command of the system and returns what it printed.</summary>
internal static class Command
{
    public static async Task<string> RunAsync(string name, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(name, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"{name} ended with {process.ExitCode}: {await errors}");
    }
}
