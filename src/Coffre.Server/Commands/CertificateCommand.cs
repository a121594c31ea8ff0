using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Coffre.Server.Commands;

/// <summary><c>coffre-server certificate</c>: a private authority and a certificate for tests and home networks.</summary>
internal static class CertificateCommand
{
    private const int AuthorityDays = 3650;
    private const int ServerDays = 397;

    public static Command Build(TimeProvider clock)
    {
        var output = new Option<string>("--out") { Description = "Folder for ca.pem, ca.key, server.pem and server.key", Required = true };
        var names = new Option<string[]>("--name")
        {
            Description = "Host name or IP address of the server; may be repeated",
            Required = true,
        };
        var command = new Command("certificate", "Makes a private authority (kept if it is there) and a certificate for HTTPS.") { output, names };
        command.SetAction((parsed, _) => CommandLine.RunAsync(() =>
        {
            Make(Directory.CreateDirectory(parsed.GetValue(output)!).FullName, parsed.GetValue(names)!, clock);
            Console.WriteLine(
                $"Made server.pem and server.key in '{parsed.GetValue(output)}'. Start with --certificate and --certificate-key; clients must trust ca.pem.");
            return Task.FromResult(0);
        }));
        return command;
    }

    private static void Make(string folder, string[] names, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        using var authority = FindAuthority(folder) ?? MakeAuthority(folder, now);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.Create(authority, now.AddDays(-1), now.AddDays(ServerDays), RandomNumberGenerator.GetBytes(16));
        WritePrivate(Path.Combine(folder, "server.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(
            Path.Combine(folder, "server.pem"), certificate.ExportCertificatePem() + "\n" + authority.ExportCertificatePem() + "\n");
    }

    private static X509Certificate2? FindAuthority(string folder)
    {
        var (certificate, key) = (Path.Combine(folder, "ca.pem"), Path.Combine(folder, "ca.key"));
        return File.Exists(certificate) && File.Exists(key) ? X509Certificate2.CreateFromPemFile(certificate, key) : null;
    }

    private static X509Certificate2 MakeAuthority(string folder, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Coffre private authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(AuthorityDays));
        WritePrivate(Path.Combine(folder, "ca.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(folder, "ca.pem"), authority.ExportCertificatePem() + "\n");
        return authority;
    }

    private static void WritePrivate(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.WriteLine(text);
    }
}
