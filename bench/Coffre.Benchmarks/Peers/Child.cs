using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Coffre.Benchmarks.Peers;

/// <summary>A program that this one started, and what it costs. Disposed, it ends with its children.</summary>
internal sealed class Child : IDisposable
{
    private const double TicksPerSecond = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private Child(Process process) => _process = process;

    public StreamReader Output => _process.StandardOutput;

    /// <summary>Processor time so far, user and system, of the program and its children, in seconds.</summary>
    public double Cpu => Family().Sum(static id => CpuOf(id));

    /// <summary>Most memory that it ever held, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").First(static text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
    }

    public static Child Start(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true };
        return new Child(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start."));
    }

    /// <summary>Runs a program to its end; its output. A failure is an exception with what it wrote.</summary>
    public static string Run(string program, params IEnumerable<string> arguments)
    {
        using var child = Start(program, arguments);
        var output = child.Output.ReadToEnd();
        child._process.WaitForExit();
        return child._process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} ended with {child._process.ExitCode}: {output}");
    }

    /// <summary>A port on loopback that nobody has.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Returns when somebody listens on the port.</summary>
    public static void AwaitPort(int port)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                client.Connect(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (clock.Elapsed < Patience)
            {
                Thread.Sleep(50);
            }
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.WaitForExit();
        _process.Dispose();
    }

    private IEnumerable<int> Family()
    {
        yield return _process.Id;
        foreach (var word in File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return int.Parse(word, CultureInfo.InvariantCulture);
        }
    }

    private static double CpuOf(int id)
    {
        // Behind the name, which may hold blanks: state, then numbers; user and system time are the 14th and 15th of the line.
        var text = File.ReadAllText($"/proc/{id}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
