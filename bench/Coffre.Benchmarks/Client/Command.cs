using System.Globalization;
using Coffre.Benchmarks.Peers;

namespace Coffre.Benchmarks.Client;

/// <summary>Our command, the native build of it, on a coffre-server of its own, over HTTPS as rclone is.</summary>
internal sealed class Command : IDisposable
{
    private readonly Workshop _shop;
    private readonly Certificates _certificates;
    private readonly CoffreServer _server;
    private readonly int _port = Child.FreePort();
    private readonly string _program = Path.Combine(Machine.Repository, "artifacts", "bench", "coffre", "coffre");

    public Command(Workshop shop, string name, Certificates certificates, params IEnumerable<string> settings)
    {
        (_shop, _certificates) = (shop, certificates);
        if (!File.Exists(_program))
        {
            throw new InvalidOperationException("The native command is not there: bench/run makes it.");
        }

        _server = new CoffreServer(shop.Folder(name), null, [.. certificates.ForServer(_port), .. settings]);
    }

    public double Cpu => _server.Cpu;

    public string Run(params IEnumerable<string> arguments) => Child.Run("env", [
        $"HOME={_shop.Root}", $"SSL_CERT_FILE={_certificates.Authority}", $"COFFRE_API_KEY={_server.Key}",
        string.Create(CultureInfo.InvariantCulture, $"COFFRE_URL=https://127.0.0.1:{_port}"), _program, .. arguments,
    ]);

    public void Dispose() => _server.Dispose();
}
