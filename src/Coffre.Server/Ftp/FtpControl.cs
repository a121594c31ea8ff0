using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Coffre.Server.Ftp;

/// <summary>The control connection: lines in, replies out, plain at first and protected after <c>AUTH TLS</c>.</summary>
internal sealed class FtpControl(Stream plain, TimeProvider clock, TimeSpan idle) : IAsyncDisposable
{
    private const int MaxLine = 4096;
    private const byte TelnetCommand = 0xFF;

    private readonly byte[] _buffer = new byte[MaxLine];
    private Stream _stream = plain;
    private int _start;
    private int _end;

    public bool IsProtected => _stream is SslStream;

    /// <summary>The next line without its end; null when the client is gone, says nothing for too long, or too much at once.</summary>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(idle, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = Text(_buffer.AsSpan(_start, length));
                _start += length + 1;
                return line;
            }

            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            if (_end == MaxLine)
            {
                await ReplyAsync(500, "The line is too long.", cancellationToken);
                return null;
            }

            try
            {
                var read = await _stream.ReadAsync(_buffer.AsMemory(_end), both.Token);
                if (read == 0)
                {
                    return null;
                }

                _end += read;
            }
            catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                await ReplyAsync(421, "Nothing was said for too long.", cancellationToken);
                return null;
            }
        }
    }

    public ValueTask ReplyAsync(int code, string text, CancellationToken cancellationToken) =>
        _stream.WriteAsync(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{code} {text.ReplaceLineEndings(" ")}\r\n")), cancellationToken);

    /// <summary>A reply of several lines.</summary>
    public ValueTask ReplyAsync(int code, string first, IEnumerable<string> lines, string last, CancellationToken cancellationToken)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{code}-{first}\r\n");
        foreach (var line in lines)
        {
            text.Append(CultureInfo.InvariantCulture, $" {line}\r\n");
        }

        return _stream.WriteAsync(Encoding.UTF8.GetBytes(text.Append(CultureInfo.InvariantCulture, $"{code} {last}\r\n").ToString()), cancellationToken);
    }

    /// <summary>Goes on under TLS; false if the client sent more before that, which somebody on the way could have put in.</summary>
    public async Task<bool> ProtectAsync(X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        if (_end > _start)
        {
            return false;
        }

        var secure = await AuthenticateAsync(_stream, certificate, cancellationToken);
        _stream = secure;
        return true;
    }

    /// <summary>Puts TLS over a connection, as its server.</summary>
    public static async Task<SslStream> AuthenticateAsync(Stream inner, X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        var secure = new SslStream(inner);
        await secure.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = SslProtocols.None }, cancellationToken);
        return secure;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    /// <summary>UTF-8; what Telnet puts before an ABOR is left out (a byte of 255 is never part of UTF-8).</summary>
    private static string Text(ReadOnlySpan<byte> line)
    {
        var clean = new List<byte>(line.Length);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == TelnetCommand)
            {
                i++;
            }
            else
            {
                clean.Add(line[i]);
            }
        }

        return Encoding.UTF8.GetString([.. clean]).TrimEnd('\r');
    }
}
