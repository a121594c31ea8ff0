using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Coffre.Server.Settings;

namespace Coffre.Server.Remote;

/// <summary>Fetches by FTP (RFC 959, 2428): passive only, and the data come from the host that was judged, whatever its PASV says.</summary>
internal sealed class FtpSource(SourceConnector connector, ServerSettings settings)
{
    private const int MaxLines = 200;
    private const int MaxLine = 4096;
    private readonly TimeSpan _patience = settings.Seconds(RemoteSettings.ConnectSeconds);

    /// <summary>One try; goes on behind the bytes that are there, if the server can (REST) and the length is still the same.</summary>
    /// <returns>What the file is called.</returns>
    public async Task<string> FetchAsync(Uri url, SourceBody body, CancellationToken cancellationToken)
    {
        using var socket = await connector.ConnectAsync(url.IdnHost, url.Port, cancellationToken);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        var control = new Control(stream, _patience);
        try
        {
            await control.ExpectAsync(2, cancellationToken);
            await SignInAsync(control, url, cancellationToken);
            await control.SayAsync("TYPE I", 2, cancellationToken);
            var path = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/'));
            await MeasureAsync(control, path, body, cancellationToken);
            using var data = await OpenDataAsync(control, ((IPEndPoint)socket.RemoteEndPoint!).Address, cancellationToken);
            await SeekAsync(control, body, cancellationToken);
            await control.SayAsync("RETR " + path, 1, cancellationToken);
            await using (var bytes = new NetworkStream(data, ownsSocket: false))
            {
                await body.CopyAsync(bytes, cancellationToken);
            }

            data.Shutdown(SocketShutdown.Both);
            await control.ExpectAsync(2, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw SourceException.Broken(exception);
        }

        return body.Announced is { } announced && announced != body.Length ? throw SourceException.Broken() : SourceUrl.NameOf(url, disposition: null);
    }

    private static async Task SignInAsync(Control control, Uri url, CancellationToken cancellationToken)
    {
        var (user, password) = SourceUrl.Login(url) ?? ("anonymous", "coffre@");
        var reply = await control.AskAsync("USER " + user, cancellationToken);
        if (reply.Code / 100 == 3)
        {
            reply = await control.AskAsync("PASS " + password, cancellationToken);
        }

        if (reply.Code / 100 != 2)
        {
            throw SourceException.Final("The source did not let us in");
        }
    }

    private static async Task MeasureAsync(Control control, string path, SourceBody body, CancellationToken cancellationToken)
    {
        var reply = await control.AskAsync("SIZE " + path, cancellationToken);
        var size = reply.Code == 213 && long.TryParse(reply.Text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : (long?)null;

        // There is no other sign of whether it is still the same file.
        body.Validator = size is { } now && now == body.Announced ? "size" : null;
        await body.AnnounceAsync(size, cancellationToken);
    }

    private static async Task SeekAsync(Control control, SourceBody body, CancellationToken cancellationToken)
    {
        var goesOn = body is { Length: > 0, Validator: not null }
            && (await control.AskAsync(string.Create(CultureInfo.InvariantCulture, $"REST {body.Length}"), cancellationToken)).Code == 350;
        if (!goesOn)
        {
            await body.RestartAsync(cancellationToken);
        }
    }

    private async Task<Socket> OpenDataAsync(Control control, IPAddress address, CancellationToken cancellationToken)
    {
        var reply = await control.AskAsync("EPSV", cancellationToken);
        var port = reply.Code == 229 ? PortOfEpsv(reply.Text) : null;
        if (port is null)
        {
            reply = await control.AskAsync("PASV", cancellationToken);
            port = reply.Code == 227 ? PortOfPasv(reply.Text) : null;
        }

        // Below 1024 no FTP server waits for data, but other services do.
        return port is >= 1024 and <= 65535
            ? await connector.ConnectAgainAsync(address, port.Value, cancellationToken)
            : throw SourceException.Broken();
    }

    private static int? PortOfEpsv(string text) =>
        text.Split('|') is { Length: >= 5 } parts && int.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;

    private static int? PortOfPasv(string text)
    {
        var numbers = text.Split(['(', ')', ',', ' '], StringSplitOptions.RemoveEmptyEntries)
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 255 ? number : -1)
            .Where(number => number >= 0).ToArray();
        return numbers.Length >= 6 ? (numbers[^2] * 256) + numbers[^1] : null;
    }

    /// <summary>The control connection.</summary>
    private sealed class Control(Stream stream, TimeSpan patience)
    {
        private readonly byte[] _buffer = new byte[MaxLine];
        private int _filled;

        /// <summary>Asks, and fails unless the reply begins with this digit.</summary>
        public async Task SayAsync(string line, int kind, CancellationToken cancellationToken)
        {
            await SendAsync(line, cancellationToken);
            await ExpectAsync(kind, cancellationToken);
        }

        public async Task<(int Code, string Text)> AskAsync(string line, CancellationToken cancellationToken)
        {
            await SendAsync(line, cancellationToken);
            return await ReplyAsync(cancellationToken);
        }

        public async Task ExpectAsync(int kind, CancellationToken cancellationToken)
        {
            var reply = await ReplyAsync(cancellationToken);
            if (reply.Code / 100 != kind)
            {
                throw reply.Code == 550 ? SourceException.Final("The source has no such file") : SourceException.Broken();
            }
        }

        private ValueTask SendAsync(string line, CancellationToken cancellationToken) =>
            line.AsSpan().ContainsAny('\r', '\n', '\0')
                ? throw SourceException.Final("The URL has characters that FTP cannot send")
                : stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), cancellationToken);

        private async Task<(int Code, string Text)> ReplyAsync(CancellationToken cancellationToken)
        {
            for (var lines = 0; lines < MaxLines; lines++)
            {
                var line = await LineAsync(cancellationToken);

                // The last line of a reply has a blank behind its number; those before it have a hyphen, or no number at all.
                if (line.Length >= 4 && line[3] == ' ' && int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
                {
                    return (code, line[4..]);
                }
            }

            throw SourceException.Broken();
        }

        private async Task<string> LineAsync(CancellationToken cancellationToken)
        {
            using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timer.CancelAfter(patience);
            while (true)
            {
                var end = _buffer.AsSpan(0, _filled).IndexOf((byte)'\n');
                if (end >= 0)
                {
                    var line = Encoding.UTF8.GetString(_buffer, 0, end).TrimEnd('\r');
                    _buffer.AsSpan(end + 1, _filled - end - 1).CopyTo(_buffer);
                    _filled -= end + 1;
                    return line;
                }

                try
                {
                    var read = _filled == MaxLine ? 0 : await stream.ReadAsync(_buffer.AsMemory(_filled), timer.Token);
                    _filled += read > 0 ? read : throw SourceException.Broken();
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    throw SourceException.Broken();
                }
            }
        }
    }
}
