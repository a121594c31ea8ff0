using System.Security.Cryptography.X509Certificates;
using Coffre.Server.Settings;

namespace Coffre.Server.Door;

/// <summary>The server's certificate, for every face that speaks TLS.</summary>
internal static class Certificates
{
    /// <summary>The certificate that the settings name, with its chain.</summary>
    /// <exception cref="SettingException">There is none, or it cannot be used; the message names the cure.</exception>
    public static (X509Certificate2 Certificate, X509Certificate2Collection Chain) Load(ServerSettings settings)
    {
        var path = settings.Text(SettingList.Certificate);
        var keyPath = settings.Text(SettingList.CertificateKey);
        if (path.Length == 0)
        {
            throw new SettingException(
                "TLS needs a certificate: set --certificate and --certificate-key. 'coffre-server certificate' makes one for tests and home networks.");
        }

        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(path);
            return (X509Certificate2.CreateFromPemFile(path, keyPath.Length == 0 ? null : keyPath), chain);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException or ArgumentException)
        {
            throw new SettingException(
                $"The certificate cannot be used (Listen:Certificate '{path}', Listen:CertificateKey '{keyPath}'): {exception.Message} "
                + "'coffre-server certificate' makes one for tests and home networks.");
        }
    }
}
