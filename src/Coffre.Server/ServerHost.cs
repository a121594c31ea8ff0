using System.Net;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Api;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Downloads;
using Coffre.Server.Files;
using Coffre.Server.Folders;
using Coffre.Server.Ftp;
using Coffre.Server.Housekeeping;
using Coffre.Server.Keys;
using Coffre.Server.Limits;
using Coffre.Server.Mail;
using Coffre.Server.Pages;
using Coffre.Server.Remote;
using Coffre.Server.Scan;
using Coffre.Server.Sessions;
using Coffre.Server.Settings;
using Coffre.Server.Sharing;
using Coffre.Server.SignUps;
using Coffre.Server.Uploads;
using Coffre.Server.Vouchers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Coffre.Server;

/// <summary>Puts the rooms together and opens the door.</summary>
internal static class ServerHost
{
    private const long MaxBodyBytes = 128L << 20;
    private const int MaxHeaderBytes = 128 * 1024;

    /// <param name="settings">Checked settings.</param>
    /// <param name="data">The open data folder.</param>
    /// <param name="clock">The only clock.</param>
    /// <param name="log">Where log lines go; null: standard error.</param>
    /// <param name="replace">Puts something else in the place of a service; for tests.</param>
    public static WebApplication Build(ServerSettings settings, DataFolder data, TimeProvider clock, Action<ILoggingBuilder>? log = null, Action<IServiceCollection>? replace = null)
    {
        FtpRoom.Check(settings);
        MailSettings.Check(settings);
        DownloadSettings.Check(settings);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "coffre-server" });
        (log ?? (logging => LogSetup.Add(logging, settings)))(builder.Logging);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, settings))
            // What arrives goes to the thread pool at once: queues of the transport's own in between only cost wake-ups.
            .UseSockets(sockets => sockets.IOQueueCount = 0);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BufferPools>();
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30));
        AddRooms(builder.Services, settings, data, clock);
        replace?.Invoke(builder.Services);

        var app = builder.Build();
        LimitsRoom.UseProxies(app, settings);
        app.UseMiddleware<Guard>();
        app.UseMiddleware<AddressGuard>();
        app.UseRouting();
        foreach (var endpoints in app.Services.GetServices<IEndpoints>())
        {
            endpoints.Map(app);
        }

        ApiRoom.Map(app);
        app.MapFallback("{*path}", Fallback.AnswerAsync);
        return app;
    }

    /// <summary>All rooms but the door.</summary>
    internal static void AddRooms(IServiceCollection services, ServerSettings settings, DataFolder data, TimeProvider clock)
    {
        services.AddSingleton(settings).AddSingleton(clock).AddSingleton(data.Catalog).AddSingleton(data.Store);
        AuditRoom.Add(services, data.AuditSecret);
        KeysRoom.Add(services, data.Pepper, data.ViewAgainKey);
        services.AddSingleton(provider => new DownloadTokens(data.TokenSecret, settings, clock));
        services.AddSingleton<IdSource>().AddSingleton<PublicAddress>().AddSingleton<V1Door>();
        ApiRoom.Add(services);
        AccessRoom.Add(services);
        AccountsRoom.Add(services);
        SignUpsRoom.Add(services);
        SessionsRoom.Add(services, data.TwoStepKey);
        LimitsRoom.Add(services);
        FoldersRoom.Add(services);
        FilesRoom.Add(services);
        UploadsRoom.Add(services);
        DownloadsRoom.Add(services);
        SharingRoom.Add(services);
        VouchersRoom.Add(services);
        FtpRoom.Add(services);
        RemoteRoom.Add(services);
        ScanRoom.Add(services);
        MailRoom.Add(services);
        PagesRoom.Add(services);
        HousekeepingRoom.Add(services);
    }

    private static void Listen(KestrelServerOptions kestrel, ServerSettings settings)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        kestrel.Limits.MaxConcurrentConnections = settings.Number(SettingList.MaxConnections);

        // The time that one flush may take; the framework's 5 s would cut slow lines, and players that pause for a moment.
        kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromMinutes(1));
        var address = IPAddress.Parse(settings.Text(SettingList.ListenAddress));
        if (settings.Int(SettingList.ListenPort) is var port and not 0)
        {
            kestrel.Listen(address, port, listen => listen.Use(next => connection => DirectOutput.RunAsync(connection, next)));
        }

        if (settings.Int(SettingList.ListenHttpsPort) is var securePort and not 0)
        {
            var (certificate, chain) = Certificates.Load(settings);
            kestrel.Listen(address, securePort, listen => listen.UseHttps(https =>
            {
                https.ServerCertificate = certificate;
                https.ServerCertificateChain = chain;
            }));
        }
    }
}
