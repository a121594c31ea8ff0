using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using Coffre.Cli.Health;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Cli.Schedules;
using Coffre.Client;

namespace Coffre.Tests.Cli;

/// <summary>Runs the command in this process, in surroundings that a test makes.</summary>
internal sealed class CliRunner : IDisposable
{
    public CliRunner()
    {
        Folder = Directory.CreateTempSubdirectory("coffre-cli-").FullName;
        Variables["XDG_CONFIG_HOME"] = Path.Combine(Folder, "config");
        Variables["XDG_STATE_HOME"] = Path.Combine(Folder, "state");
    }

    /// <summary>Goes with the test.</summary>
    public string Folder { get; }

    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    /// <summary>Reaches this machine only, unless a test puts its own here.</summary>
    public HttpMessageHandler Handler { get; set; } = LoopbackOnly();

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public Func<CoffreClientOptions, CoffreClientOptions> ShapeClient { get; set; } = options => options;

    public MemoryKeyring Keyring { get; } = new();

    /// <summary>What is typed, line by line, where the input is a terminal.</summary>
    public Queue<string>? Typed { get; set; }

    public string ConfigFile => Path.Combine(Folder, "config", "coffre", "profiles.json");

    public string Local(string name) => Path.Combine(Folder, name);

    public string Write(string name, string text)
    {
        var path = Local(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public Task<CliOutcome> RunAsync(params string[] args) => RunAsync([], CancellationToken.None, args);

    public Task<CliOutcome> PipeAsync(string input, params string[] args) => RunAsync(Encoding.UTF8.GetBytes(input), CancellationToken.None, args);

    public async Task<CliOutcome> RunAsync(byte[] input, CancellationToken stop, params string[] args)
    {
        using var bytes = new MemoryStream();
        using var output = new StringWriter();
        using var error = new StringWriter();
        var world = World(input, output, error, bytes);
        var exitCode = await App.RunAsync(args, world, stop);
        return new CliOutcome((ExitCode)exitCode, output.ToString(), error.ToString(), bytes.ToArray());
    }

    /// <summary>What the command sees.</summary>
    public Surroundings World(byte[] input, TextWriter output, TextWriter error, Stream bytes) => new()
    {
        Out = output,
        OutBytes = bytes,
        Error = error,
        OpenInput = () => new MemoryStream(input),
        IsInputTerminal = Typed is not null,
        IsErrorTerminal = false,
        Variable = name => Variables.GetValueOrDefault(name),
        ReadSecret = () => Typed?.Dequeue(),
        ReadLine = () => Typed?.Dequeue(),
        Keyring = Keyring,
        Time = Time,
        Handler = Handler,
        ShapeClient = ShapeClient,
        Resolve = Resolve,
        Shake = Shake,
        FindProxy = _ => null,
        Program = ["/opt/coffre"],
        StartCommand = StartCommand,
        StartProcess = StartInProcessAsync,
        EnterFolder = _ => { },
    };

    /// <summary>What a scheduled job runs; null: its command, in this process.</summary>
    public Func<CommandRun, CancellationToken, Task<int>>? StartCommand { get; set; }

    private async Task<int> StartInProcessAsync(IReadOnlyList<string> words, Action<string, bool> tell, CancellationToken cancellationToken)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await App.RunAsync([.. words], World([], output, error, Stream.Null), cancellationToken);
        Array.ForEach(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), line => tell(line, false));
        Array.ForEach(error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), line => tell(line, true));
        return exitCode;
    }

    /// <summary>The tree of all commands.</summary>
    public RootCommand Root()
    {
        var world = World([], TextWriter.Null, TextWriter.Null, Stream.Null);
        var flags = new Flags(world);
        return App.Root(new CommandKit(world, new Sink(world.Out, world.Error, new Redactor()), flags, CancellationToken.None), flags);
    }

    /// <summary>Commands that do something, with their whole names.</summary>
    public static IEnumerable<(string Path, Command Command)> Leaves(Command command, string path = "") =>
        command.Subcommands.SelectMany(below => Leaves(below, $"{path} {below.Name}".TrimStart())).Concat(command.Action is null ? [] : [(path, command)]);

    /// <summary>A test asks no name server.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; set; } = (_, _) => Task.FromResult(new[] { IPAddress.Loopback });

    public Func<Uri, CancellationToken, Task<TlsFacts>> Shake { get; set; } =
        (_, _) => Task.FromResult(new TlsFacts(SslProtocols.Tls13, new DateTimeOffset(2031, 1, 1, 0, 0, 0, TimeSpan.Zero), null));

    private static SocketsHttpHandler LoopbackOnly() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        ConnectCallback = async (context, cancellationToken) =>
        {
            if (context.DnsEndPoint.Host is not ("127.0.0.1" or "localhost"))
            {
                throw new InvalidOperationException($"A test tried to reach {context.DnsEndPoint.Host}.");
            }

            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

internal sealed record CliOutcome(ExitCode ExitCode, string Out, string Error, byte[] Bytes)
{
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    public IReadOnlyList<JsonElement> Results => [.. Json.GetProperty("results").EnumerateArray()];

    public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public CliOutcome Ok() => Is(ExitCode.Success);

    public CliOutcome Is(ExitCode expected)
    {
        Assert.True(ExitCode == expected, $"exit code {ExitCode}, expected {expected}\nout: {Out}\nerror: {Error}");
        return this;
    }
}
