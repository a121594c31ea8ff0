using System.CommandLine;
using Coffre.Server.Accounts;
using Coffre.Server.Door;
using Coffre.Server.Settings;
using Microsoft.AspNetCore.Connections;

namespace Coffre.Server.Commands;

/// <summary><c>coffre-server serve</c>.</summary>
internal static class ServeCommand
{
    public static Command Build(TimeProvider clock)
    {
        var data = CommandLine.Data();
        var set = CommandLine.Set();
        var listen = new Option<string?>("--listen") { Description = "Address to listen on (default 127.0.0.1)" };
        var port = new Option<string?>("--port", "-p") { Description = "Port for HTTP (default 8710; 0: none)" };
        var httpsPort = new Option<string?>("--https-port") { Description = "Port for HTTPS (default: none)" };
        var certificate = new Option<string?>("--certificate") { Description = "PEM file with the certificate for HTTPS" };
        var certificateKey = new Option<string?>("--certificate-key") { Description = "PEM file with its private key" };
        var address = new Option<string?>("--public") { Description = "Address that links show, e.g. https://files.example.org (default: as asked)" };
        var command = new Command("serve", "Starts the server; the first start makes the owner's account and prints its API key.")
        {
            data, listen, port, httpsPort, certificate, certificateKey, address, set,
        };
        command.SetAction((parsed, cancellationToken) => CommandLine.RunAsync(() => ServeAsync(
            CommandLine.Load(
                parsed.GetValue(data)!, parsed.GetValue(set),
                (SettingList.ListenAddress, parsed.GetValue(listen)),
                (SettingList.ListenPort, parsed.GetValue(port)),
                (SettingList.ListenHttpsPort, parsed.GetValue(httpsPort)),
                (SettingList.Certificate, parsed.GetValue(certificate)),
                (SettingList.CertificateKey, parsed.GetValue(certificateKey)),
                (AddressSettings.Public, parsed.GetValue(address))),
            clock, cancellationToken)));
        return command;
    }

    private static async Task<int> ServeAsync(ServerSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (settings.Int(SettingList.ListenPort) == 0 && settings.Int(SettingList.ListenHttpsPort) == 0)
        {
            throw new SettingException("There is no port to listen on: set --port, or --https-port with a certificate.");
        }

        await using var data = DataFolder.Open(settings, clock, mustLock: true);
        await using var app = ServerHost.Build(settings, data, clock);
        var firstStart = app.Services.GetRequiredService<FirstStart>();
        await firstStart.PrepareAsync(cancellationToken);
        try
        {
            await StartAsync(app, cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw new SettingException(
                $"A port on {settings.Text(SettingList.ListenAddress)} is in use ({Ports(settings)}). Stop the program that has it, or choose another with --port.");
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
        {
            throw new SettingException(
                $"Cannot listen on {settings.Text(SettingList.ListenAddress)} ({Ports(settings)}): {exception.GetBaseException().Message}. Choose another with --listen and --port.");
        }

        // Only now: a key that is made must be seen, and a server that cannot listen shows nothing.
        Greet(settings, await firstStart.RunAsync(cancellationToken));
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    private static async Task StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            // The services that did start (the sweep) must end before what they use is disposed.
            await app.StopAsync(CancellationToken.None);
            throw;
        }
    }

    private static string Ports(ServerSettings settings) =>
        string.Join(" and ", new[] { SettingList.ListenPort, SettingList.ListenHttpsPort }.Select(settings.Text).Where(port => port != "0"));

    private static void Greet(ServerSettings settings, string? firstKey)
    {
        var url = AddressOf(settings);
        Console.WriteLine($"Coffre listens on {url}");
        if (firstKey is not null)
        {
            Console.WriteLine(
                $"""

                API key (shown once): {firstKey}

                Try it:
                  curl -s -X POST {url}/v1/folder/ls.cgi -H 'Authorization: Bearer {firstKey}' -H 'Content-Type: application/json' -d '{"{}"}'

                """);
        }

        Console.WriteLine("Ctrl-C ends it.");
    }

    private static string AddressOf(ServerSettings settings)
    {
        if (settings.Text(AddressSettings.Public) is { Length: > 0 } address)
        {
            return address.TrimEnd('/');
        }

        var host = settings.Text(SettingList.ListenAddress) switch
        {
            "0.0.0.0" or "::" => "localhost",
            var ip when ip.Contains(':', StringComparison.Ordinal) => $"[{ip}]",
            var ip => ip,
        };
        return settings.Int(SettingList.ListenPort) is var port and not 0
            ? $"http://{host}:{port}"
            : $"https://{host}:{settings.Int(SettingList.ListenHttpsPort)}";
    }
}
