using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Coffre.Cli.Health;

/// <summary>What a TLS handshake told.</summary>
/// <param name="Protocol">TLS version.</param>
/// <param name="Ends">When the certificate ends.</param>
/// <param name="Trouble">Why it is not trusted; null if it is.</param>
internal sealed record TlsFacts(SslProtocols Protocol, DateTimeOffset Ends, string? Trouble);

/// <summary>Shakes hands with a server and asks nothing of it.</summary>
internal static class TlsHandshake
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <exception cref="SocketException">Nobody answers.</exception>
    /// <exception cref="IOException">Somebody answers, but not in TLS.</exception>
    public static async Task<TlsFacts> TryAsync(Uri url, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(url.IdnHost.Trim('[', ']'), url.Port, limit.Token);
            string? trouble = null;
            var ends = DateTimeOffset.MaxValue;

#pragma warning disable CA5359 // Nothing is sent over this connection: what is wrong with the certificate is what is to be found out.
            await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, chain, errors) =>
            {
                ends = certificate is X509Certificate2 whole ? new DateTimeOffset(whole.NotAfter.ToUniversalTime(), TimeSpan.Zero) : ends;
                trouble = errors == SslPolicyErrors.None ? null : TroubleOf(errors, chain);
                return true;
            });
#pragma warning restore CA5359
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = url.IdnHost }, limit.Token);
            return new TlsFacts(stream.SslProtocol, ends, trouble);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("no answer within 10 s", exception);
        }
        catch (AuthenticationException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    private static string TroubleOf(SslPolicyErrors errors, X509Chain? chain) =>
        errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? "it is for another name"
        : chain?.ChainStatus.FirstOrDefault(status => status.Status != X509ChainStatusFlags.NoError) is { StatusInformation: { Length: > 0 } text } ? text.Trim().TrimEnd('.')
        : "its issuer is not known here";
}
