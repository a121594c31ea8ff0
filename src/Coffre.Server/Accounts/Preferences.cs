using System.Text.Json.Serialization;

namespace Coffre.Server.Accounts;

/// <summary>The account's own settings, as <c>user/info.cgi</c> knows them.</summary>
internal sealed record Preferences
{
    public int FtpMode { get; set; }

    public long FtpDid { get; set; }

    public int FtpReport { get; set; }

    public int RuReport { get; set; }

    public int DefaultDomain { get; set; }

    public int PageLimit { get; set; } = 200;

    public int DefaultPort { get; set; }

    public int DefaultPortFiles { get; set; }

    public int UseCdn { get; set; }

    public int DownloadMenu { get; set; }
}

[JsonSerializable(typeof(Preferences))]
internal sealed partial class PreferencesJson : JsonSerializerContext;
