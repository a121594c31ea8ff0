using Coffre.Server.Door;
using Coffre.Server.Settings;

namespace Coffre.Server.Ftp;

/// <summary>What this room consists of.</summary>
internal static class FtpRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<FtpTable>().AddSingleton<WaitingFiles>().AddSingleton<FtpUserDesk>().AddSingleton<FtpLogin>().AddSingleton<DropDesk>()
            .AddHostedService<FtpServer>().AddEndpoints<FtpEndpoints>();

    /// <summary>A drop zone that demands TLS needs a certificate: told at the start, not to the first client.</summary>
    /// <exception cref="SettingException">It has none.</exception>
    public static void Check(ServerSettings settings)
    {
        if (settings.Int(FtpSettings.Port) != 0 && settings.Flag(FtpSettings.RequireTls) && settings.Text(SettingList.Certificate).Length == 0)
        {
            throw new SettingException(
                "FTP with TLS needs a certificate: set --certificate and --certificate-key, or Ftp:RequireTls=false where nobody else is on the network.");
        }
    }
}
