using System.Globalization;
using Coffre.Benchmarks.Peers;
using Coffre.Compat.Fixture;

namespace Coffre.Benchmarks.Client;

/// <summary>rclone's 1fichier backend, unmodified, on a coffre-server of its own: a proxy and an authority lead it there.</summary>
internal sealed class Rclone : IDisposable
{
    private readonly Workshop _shop;
    private readonly CoffreServer _server;
    private readonly ConnectProxy _proxy;
    private readonly Certificates _certificates;

    public Rclone(Workshop shop, string name, Certificates certificates, params IEnumerable<string> settings)
    {
        (_shop, _certificates) = (shop, certificates);
        var port = Child.FreePort();
        _server = new CoffreServer(shop.Folder(name), null, [.. certificates.ForServer(port), "--public", "https://1fichier.com", .. settings]);
        _proxy = new ConnectProxy(port);
    }

    public double Cpu => _server.Cpu;

    /// <summary>Runs it; what it wrote on the way, and whether it ended well.</summary>
    public (bool IsWell, string Said) TryRun(params IEnumerable<string> arguments)
    {
        var log = Path.Combine(_shop.Root, "rclone.log");
        File.Delete(log);
        try
        {
            Child.Run("env", [
                $"HTTPS_PROXY={_proxy.Address}", $"HOME={_shop.Root}", "RCLONE_CONFIG=/dev/null", "RCLONE_CONFIG_F_TYPE=fichier", $"RCLONE_CONFIG_F_API_KEY={_server.Key}",
                "rclone", "--ca-cert", _certificates.Authority, "--log-file", log, "--log-level", "INFO", "--retries", "1", .. arguments,
            ]);
            return (true, File.ReadAllText(log));
        }
        catch (InvalidOperationException)
        {
            return (false, File.ReadAllText(log));
        }
    }

    public void Run(params IEnumerable<string> arguments)
    {
        if (TryRun(arguments) is { IsWell: false, Said: var said })
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"rclone failed: {said}"));
        }
    }

    public void Dispose()
    {
        _proxy.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _server.Dispose();
    }
}

/// <summary>A throw-away authority and a certificate for 1fichier's names and loopback.</summary>
internal sealed class Certificates
{
    private readonly string _folder;

    public Certificates(Workshop shop)
    {
        _folder = shop.Folder("certificates");
        Child.Run(
            "dotnet", Path.Combine(AppContext.BaseDirectory, "coffre-server.dll"), "certificate", "--out", _folder,
            "--name", "1fichier.com", "--name", "*.1fichier.com", "--name", "127.0.0.1");
    }

    public string Authority => Path.Combine(_folder, "ca.pem");

    public IEnumerable<string> ForServer(int port) =>
    [
        "--https-port", port.ToString(CultureInfo.InvariantCulture), "--certificate", Path.Combine(_folder, "server.pem"),
        "--certificate-key", Path.Combine(_folder, "server.key"),
    ];
}
