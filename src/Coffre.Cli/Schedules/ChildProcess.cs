using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Coffre.Cli.Schedules;

/// <summary>Starts coffre as a process of its own: whatever becomes of it, its end is seen.</summary>
internal static partial class ChildProcess
{
    private const int Terminate = 15;

    /// <summary>How this program is called.</summary>
    public static IReadOnlyList<string> Program
    {
        get
        {
            var path = Environment.ProcessPath ?? "coffre";
            return Path.GetFileNameWithoutExtension(path) is "dotnet" ? [path, Path.Combine(AppContext.BaseDirectory, "coffre.dll")] : [path];
        }
    }

    /// <summary>Runs it to its end.</summary>
    /// <param name="words">What stands after the name of the program.</param>
    /// <param name="tell">Told each line, and whether it came on standard error.</param>
    /// <param name="cancellationToken">Asks it to end; it saves what it has done.</param>
    /// <returns>Its exit code; 128 + the signal that ended it.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, Action<string, bool> tell, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Program[0], [.. Program.Skip(1), .. words])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new IOException("the program could not be started");
        process.StandardInput.Close();
        using var stopping = cancellationToken.Register(() => Stop(process));
        await Task.WhenAll(ForwardAsync(process.StandardOutput, line => tell(line, false)), ForwardAsync(process.StandardError, line => tell(line, true)));
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }

    private static async Task ForwardAsync(StreamReader reader, Action<string> tell)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            tell(line);
        }
    }

    private static void Stop(Process process)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                process.Kill(entireProcessTree: true);
            }
            else
            {
                // It saves what it has done, then ends.
                _ = kill(process.Id, Terminate);
            }
        }
        catch (InvalidOperationException)
        {
            // It has just ended.
        }
    }

#pragma warning disable SYSLIB1054, IDE1006 // The name is the system's.
    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int process, int signal);
#pragma warning restore SYSLIB1054, IDE1006
}
