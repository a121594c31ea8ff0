using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Coffre.Server.Settings;

namespace Coffre.Server.Scan;

/// <summary>What clamd said of a file.</summary>
internal enum ClamdAnswer
{
    Clean,
    Infected,

    /// <summary>Larger than its <c>StreamMaxLength</c>.</summary>
    TooLarge,

    /// <summary>It cannot be reached, takes too long, or says something else.</summary>
    Failed,
}

/// <summary>Sends bytes to clamd by its INSTREAM command, and reads what it found.</summary>
internal sealed partial class ClamdClient(ServerSettings settings, TimeProvider clock, ILogger<ClamdClient> logger)
{
    private const int ChunkSize = 64 * 1024;
    private const int MaxAnswer = 4096;
    private const string Prefix = "stream: ";
    private const string FoundSuffix = " FOUND";
    private readonly string _clamd = settings.Text(ScanSettings.Clamd);
    private readonly TimeSpan _limit = settings.Seconds(ScanSettings.Seconds);

    public bool IsThere => _clamd.Length > 0;

    /// <param name="bytes">The file.</param>
    /// <param name="cancellationToken">Nobody waits for the result any more.</param>
    /// <returns>The answer, and the name of what was found.</returns>
    public async Task<(ClamdAnswer Answer, string? Virus)> ScanAsync(Stream bytes, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(_limit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            using var socket = await ConnectAsync(both.Token);
            await using var stream = new NetworkStream(socket, ownsSocket: false);

            // clamd answers, and closes, as soon as it has seen too much: then the rest cannot be sent, but the answer is there.
            var sending = SendAsync(stream, bytes, both.Token);
            var answer = await ReadAsync(stream, both.Token);
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return Read(answer);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception.Message);
            return (ClamdAnswer.Failed, null);
        }
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        EndPoint endPoint = ScanSettings.IsPath(_clamd) ? new UnixDomainSocketEndPoint(_clamd) : IPEndPoint.Parse(_clamd);
        var socket = ScanSettings.IsPath(_clamd)
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task SendAsync(Stream stream, Stream bytes, CancellationToken cancellationToken)
    {
        await stream.WriteAsync("zINSTREAM\0"u8.ToArray(), cancellationToken);
        var chunk = new byte[sizeof(uint) + ChunkSize];
        int read;
        while ((read = await bytes.ReadAsync(chunk.AsMemory(sizeof(uint)), cancellationToken)) > 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(chunk, (uint)read);
            await stream.WriteAsync(chunk.AsMemory(0, sizeof(uint) + read), cancellationToken);
        }

        await stream.WriteAsync(new byte[sizeof(uint)], cancellationToken);
    }

    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxAnswer];
        var filled = 0;
        int read;
        while (filled < MaxAnswer && (read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken)) > 0)
        {
            filled += read;
            if (buffer.AsSpan(0, filled).Contains((byte)0))
            {
                break;
            }
        }

        return Encoding.UTF8.GetString(buffer, 0, filled).TrimEnd('\0', '\n');
    }

    private (ClamdAnswer, string?) Read(string answer)
    {
        if (answer == "stream: OK")
        {
            return (ClamdAnswer.Clean, null);
        }

        if (answer.StartsWith(Prefix, StringComparison.Ordinal) && answer.EndsWith(FoundSuffix, StringComparison.Ordinal))
        {
            return (ClamdAnswer.Infected, answer[Prefix.Length..^FoundSuffix.Length]);
        }

        if (answer.Contains("size limit exceeded", StringComparison.OrdinalIgnoreCase))
        {
            return (ClamdAnswer.TooLarge, null);
        }

        LogFailed(answer.Length == 0 ? "it closed the connection without an answer" : answer);
        return (ClamdAnswer.Failed, null);
    }

    [LoggerMessage(LogLevel.Warning, "clamd did not scan: {Reason}")]
    private partial void LogFailed(string reason);
}
