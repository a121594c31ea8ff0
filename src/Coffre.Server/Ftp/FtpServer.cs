using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Coffre.Server.Door;
using Coffre.Server.Limits;
using Coffre.Server.Settings;

namespace Coffre.Server.Ftp;

/// <summary>Listens for clients of the drop zone, where the operator opened one.</summary>
internal sealed partial class FtpServer(
    FtpLogin login, DropDesk desk, ServerSettings settings, TimeProvider clock, ILogger<FtpServer> logger) : BackgroundService
{
    private readonly ConcurrentDictionary<Subject, int> _byAddress = new();
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly int _most = settings.Int(FtpSettings.Sessions);
    private readonly int _mostOfAddress = settings.Int(FtpSettings.SessionsPerAddress);
    private TcpListener? _listener;
    private int _open;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.Int(FtpSettings.Port) is var port and not 0)
        {
            _listener = new TcpListener(IPAddress.Parse(settings.Text(FtpSettings.Address)), port);
            try
            {
                _listener.Start();
            }
            catch (SocketException exception)
            {
                throw new SettingException($"Cannot listen for FTP on {settings.Text(FtpSettings.Address)} port {port}: {exception.Message}. Choose another with Ftp:Port.");
            }
        }

        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _listener?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_listener is not { } listener)
        {
            return;
        }

        var certificate = HasCertificate ? Certificates.Load(settings).Certificate : null;
        var kit = new FtpKit(login, desk, settings, clock, certificate, logger);
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(stoppingToken);
                var task = ServeAsync(kit, socket, stoppingToken);
                _running[task] = true;
                _ = task.ContinueWith(done => _running.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            listener.Stop();
            await Task.WhenAll(_running.Keys);
        }
    }

    private bool HasCertificate => settings.Text(SettingList.Certificate).Length > 0;

    private async Task ServeAsync(FtpKit kit, Socket socket, CancellationToken stoppingToken)
    {
        // Never on the thread that accepts.
        await Task.Yield();
        var subject = Subject.Of((socket.RemoteEndPoint as IPEndPoint)?.Address);
        var mine = _byAddress.AddOrUpdate(subject, 1, (_, count) => count + 1);
        var all = Interlocked.Increment(ref _open);
        try
        {
            if (all > _most || mine > _mostOfAddress)
            {
                using (socket)
                {
                    await socket.SendAsync("421 Too many connections. Come back later.\r\n"u8.ToArray(), stoppingToken);
                }

                return;
            }

            await using var session = new FtpSession(kit, socket);
            await session.RunAsync(stoppingToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or AuthenticationException or ObjectDisposedException)
        {
            // The client is gone, or the server stops.
            LogGone(exception.Message);
        }
        catch (Exception exception)
        {
            LogBroken(exception);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            if (_byAddress.AddOrUpdate(subject, 0, (_, count) => count - 1) == 0)
            {
                _byAddress.TryRemove(KeyValuePair.Create(subject, 0));
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "FTP: a client is gone: {Reason}")]
    private partial void LogGone(string reason);

    [LoggerMessage(LogLevel.Error, "FTP: a session failed")]
    private partial void LogBroken(Exception exception);
}
