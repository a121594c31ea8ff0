using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Coffre.Compat.Fixture;

/// <summary>Runs programs that others wrote, each with a limit of time, no terminal, and a closed or given standard input.</summary>
public static class Tool
{
    private static readonly TimeSpan PipeLimit = TimeSpan.FromSeconds(20);
    private static readonly ConcurrentDictionary<string, bool> Found = new();

    // What a developer has set must not steer the programs under test.
    private static readonly string[] Foreign =
        ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"];

    /// <summary>Runs a program to its end.</summary>
    /// <param name="timeout">Two minutes if not given. A program that takes longer is killed with its children, and the test fails.</param>
    /// <exception cref="ToolMissingException">The program is not installed: <c>./test</c> installs what the tests need.</exception>
    public static async Task<ToolResult> RunAsync(
        string file,
        IEnumerable<string> arguments,
        ReadOnlyMemory<byte> stdin = default,
        TimeSpan? timeout = null,
        IReadOnlyDictionary<string, string>? environment = null,
        string? folder = null)
    {
        var limit = timeout ?? TimeSpan.FromMinutes(2);
        var list = arguments.ToList();
        var clock = Stopwatch.StartNew();
        using var process = Start(file, list, environment, folder);
        var output = ReadAsync(process.StandardOutput.BaseStream);
        var errors = ReadAsync(process.StandardError.BaseStream);
        await WriteAsync(process, stdin);

        using var deadline = new CancellationTokenSource(limit);
        var late = false;
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            late = true;
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        // A grandchild that outlives its parent keeps the pipes open: that must not hold up the tests for ever.
        var all = Task.WhenAll(output, errors);
        if (await Task.WhenAny(all, Task.Delay(PipeLimit)) != all)
        {
            throw new TimeoutException($"{file} ended, but something that it started still holds its output: {string.Join(' ', list)}");
        }

        var result = new ToolResult(
            $"{Path.GetFileName(file)} {string.Join(' ', list)}",
            process.ExitCode,
            await output,
            Encoding.UTF8.GetString(await errors),
            clock.Elapsed);
        return late ? throw new TimeoutException($"Killed after {limit.TotalSeconds:0} s: {result.Describe()}") : result;
    }

    /// <summary>Starts a program and leaves it running; its caller owns it.</summary>
    public static Process Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        Require(file);
        var info = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var name in info.Environment.Keys.Where(IsForeign).ToList())
        {
            info.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            info.Environment[name] = value;
        }

        return Process.Start(info) ?? throw new InvalidOperationException($"{file} did not start.");
    }

    /// <summary>Fails with a sentence if a program is missing.</summary>
    public static void Require(string file)
    {
        if (!Found.GetOrAdd(file, Exists))
        {
            throw new ToolMissingException($"'{file}' is not installed. ./test installs what the tests need.");
        }
    }

    public static bool Exists(string file) =>
        file.Contains('/', StringComparison.Ordinal)
            ? File.Exists(file)
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, file)));

    private static bool IsForeign(string name) =>
        Foreign.Contains(name) || name.StartsWith("RCLONE_", StringComparison.Ordinal) || name.StartsWith("COFFRE_", StringComparison.Ordinal);

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    private static async Task WriteAsync(Process process, ReadOnlyMemory<byte> stdin)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(stdin);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it; its exit code tells whether that was right.
        }
    }
}

/// <summary>A program that the tests need is not on this machine.</summary>
public sealed class ToolMissingException(string message) : Exception(message);
