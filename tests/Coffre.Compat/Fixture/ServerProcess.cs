using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Coffre.Compat.Fixture;

/// <summary>A coffre-server as an operator starts it: its own process, its own data folder, on loopback.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(40);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TempFolder? _ownFolder;
    private readonly Task _pumps;
    private readonly ConcurrentQueue<string> _keys = new();

    private ServerProcess(Process process, string dataFolder, TempFolder? ownFolder, int port, int httpsPort)
    {
        _process = process;
        _ownFolder = ownFolder;
        DataFolder = dataFolder;
        Port = port;
        HttpsPort = httpsPort;
        process.StandardInput.Close();
        _pumps = Task.WhenAll(PumpAsync(process.StandardOutput, _output), PumpAsync(process.StandardError, _errors));
    }

    public string DataFolder { get; }

    public int Port { get; }

    public int HttpsPort { get; }

    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>The owner's key that the first start printed; empty on a later start.</summary>
    public string ApiKey { get; private set; } = "";

    public string Output => Snapshot(_output);

    public string Log => Snapshot(_errors);

    /// <summary>Starts a server and returns when it takes connections.</summary>
    public static async Task<ServerProcess> StartAsync(ServerOptions? options = null)
    {
        options ??= new ServerOptions();
        var made = options.DataFolder is null ? new TempFolder() : null;
        var dataFolder = options.DataFolder ?? made!["data"];
        var port = Ports.Take();
        var httpsPort = options.Https ? Ports.Take() : 0;

        List<string> arguments = [Repository.ServerDll, "serve", "--data", dataFolder, "--port", Text(port)];
        if (options.Https)
        {
            var authority = await CertificateAuthority.GetAsync();
            arguments.AddRange(["--https-port", Text(httpsPort), "--certificate", authority.Certificate, "--certificate-key", authority.CertificateKey]);
        }

        if (options.Public is { } address)
        {
            arguments.AddRange(["--public", address]);
        }

        arguments.AddRange(options.Settings.SelectMany(setting => new[] { "--set", setting }));

        var first = !Directory.Exists(dataFolder);
        var server = new ServerProcess(Tool.Start("dotnet", arguments, options.Environment), dataFolder, made, port, httpsPort);
        try
        {
            await server.WaitUntilReadyAsync(first);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        return server;
    }

    /// <summary>Runs one of the server's other sub-commands, such as <c>account add</c> or <c>sweep</c>.</summary>
    public static Task<ToolResult> CommandAsync(params string[] arguments) =>
        Tool.RunAsync("dotnet", [Repository.ServerDll, .. arguments]);

    /// <summary>A key of every account that this start knows of: the owner's, and those that tests have added.</summary>
    public IReadOnlyCollection<string> Keys => _keys;

    /// <summary>Adds an account to the running server and returns a key for it.</summary>
    public async Task<string> AddAccountAsync(string email, string quota)
    {
        (await CommandAsync("account", "add", email, "--tier", "premium", "--quota", quota, "--data", DataFolder)).Ok();
        var made = (await CommandAsync("key", "new", email, "--name", "compat", "--data", DataFolder)).Ok();
        var key = KeyForm().Match(made.Output);
        Assert.True(key.Success, "No key in: " + made.Describe());
        _keys.Enqueue(key.Value);
        return key.Value;
    }

    /// <summary>The most memory that the process ever held, in bytes, as the kernel counts it.</summary>
    public long PeakMemory()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>Ends it as a power cut would: no handler of the server runs.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndedAsync();
    }

    /// <summary>Asks it to stop, and returns its exit code.</summary>
    public async Task<int> StopAsync(bool interrupt = false)
    {
        Signals.Send(_process.Id, interrupt ? Signals.Interrupt : Signals.Terminate);
        await EndedAsync();
        return _process.ExitCode;
    }

    /// <summary>Fails if the server reported a fault of its own. A refusal is no fault: it must not look like one in the log.</summary>
    /// <param name="since">Where in <see cref="Log"/> to begin, so that one test is not blamed for another's fault.</param>
    public void AssertNoFault(int since = 0)
    {
        var log = Log[since..];
        var match = FaultForm().Match(log);
        Assert.False(match.Success, "The server's log tells of a fault of its own: " + log[match.Index..Math.Min(log.Length, match.Index + 3000)]);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await EndedAsync();
        _process.Dispose();
        _ownFolder?.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Snapshot(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    private static async Task PumpAsync(StreamReader reader, StringBuilder into)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (into)
            {
                into.Append(line).Append('\n');
            }
        }
    }

    private async Task WaitUntilReadyAsync(bool first)
    {
        using var deadline = new CancellationTokenSource(StartLimit);
        while (!(await ListensAsync() && (!first || FindKey())))
        {
            if (_process.HasExited || deadline.IsCancellationRequested)
            {
                throw new InvalidOperationException($"The server did not start.\n--- output\n{Output}\n--- errors\n{Log}");
            }

            await Task.Delay(50);
        }

        if (FindKey())
        {
            _keys.Enqueue(ApiKey);
        }
    }

    private bool FindKey()
    {
        ApiKey = KeyForm().Match(Output).Value;
        return ApiKey.Length > 0;
    }

    private async Task<bool> ListensAsync()
    {
        foreach (var port in HttpsPort == 0 ? [Port] : new[] { Port, HttpsPort })
        {
            if (!await Ports.ListensAsync(port))
            {
                return false;
            }
        }

        return true;
    }

    private async Task EndedAsync()
    {
        using var deadline = new CancellationTokenSource(StopLimit);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException late)
        {
            _process.Kill();
            throw new TimeoutException($"The server did not end within {StopLimit.TotalSeconds} s.\n{Log}", late);
        }

        await _pumps;
    }

    [GeneratedRegex("cof_[A-Za-z0-9]{28}")]
    private static partial Regex KeyForm();

    [GeneratedRegex(@"unhandled|^\S+ error |\b[A-Za-z.]+Exception\b", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex FaultForm();
}
