using Coffre.Server.Settings;

namespace Coffre.Server.Uploads;

/// <summary>What an operator may set about uploads by old clients.</summary>
internal static class UploadSettings
{
    public static readonly Setting Incoming = Setting.Flag(
        "Uploads:Incoming", false, "Whether anybody may upload into a member's incoming folder by naming the member (form field user); it counts against that member's quota.");

    public static IReadOnlyList<Setting> All { get; } = [Incoming];
}
