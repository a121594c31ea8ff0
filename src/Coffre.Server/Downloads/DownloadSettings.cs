using Coffre.Server.Limits;
using Coffre.Server.Settings;

namespace Coffre.Server.Downloads;

/// <summary>What an operator may set about who sends the bytes.</summary>
internal static class DownloadSettings
{
    public static readonly Setting AccelPrefix = Setting.Words(
        "Downloads:AccelPrefix", "", "empty, or the path of nginx's internal location, such as /coffre-bytes/",
        "Leaves the bytes of large downloads to the nginx before this server (X-Accel-Redirect); Limits:TrustedProxies must hold its address.",
        static text => text.Length == 0 || (text.Length > 2 && text[0] == '/' && text[^1] == '/' && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_')));

    public static IReadOnlyList<Setting> All { get; } = [AccelPrefix];

    /// <summary>Sees that what was set goes together.</summary>
    /// <exception cref="SettingException">It does not; the message names the cure.</exception>
    public static void Check(ServerSettings settings)
    {
        if (settings.Text(AccelPrefix).Length > 0 && settings.Text(LimitSettings.TrustedProxies).Length == 0)
        {
            throw new SettingException($"{AccelPrefix.Key} leaves bytes to an nginx that is trusted: set {LimitSettings.TrustedProxies.Key} to its address.");
        }
    }
}
