using System.Diagnostics;
using Coffre.Hashing;

namespace Coffre.Compat;

/// <summary>Whirlpool beside programs that others wrote: OpenSSL and RHash over the same files.</summary>
public sealed class HashingTests : IDisposable
{
    private const int FileCount = 1000;

    private readonly string _folder = Directory.CreateTempSubdirectory("coffre-hashing-").FullName;
    private readonly Dictionary<string, string> _expected = new(StringComparer.Ordinal);

    public HashingTests()
    {
        var random = new Random(10118);
        for (var number = 0; number < FileCount; number++)
        {
            // Short ones for every padding, longer ones for many blocks at once.
            var content = new byte[number % 4 == 0 ? random.Next(100_000) : random.Next(300)];
            random.NextBytes(content);
            var path = Path.Combine(_folder, $"{number:D4}.bin");
            File.WriteAllBytes(path, content);
            _expected[path] = Convert.ToHexStringLower(Whirlpool.HashData(content));
        }
    }

    [Fact]
    public async Task Openssl_agrees_on_a_thousand_random_files()
    {
        var output = await RunAsync("openssl", ["dgst", "-whirlpool", "-provider", "legacy", "-provider", "default", "-r", .. _expected.Keys]);

        Assert.Equal(_expected, Parse(output, " *"));
    }

    [Fact]
    public async Task Rhash_agrees_on_a_thousand_random_files()
    {
        var output = await RunAsync("rhash", ["--whirlpool", "--simple", .. _expected.Keys]);

        Assert.Equal(_expected, Parse(output, "  "));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Dictionary<string, string> Parse(string output, string separator) => output
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(separator, 2))
        .ToDictionary(parts => parts[1], parts => parts[0], StringComparer.Ordinal);

    private static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Start(start);
        Assert.SkipUnless(process is not null, $"{program} is not installed.");

        var error = process!.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await error}");
        return output;
    }

    private static Process? Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
