using System.Globalization;
using Coffre.Server.Limits;

namespace Coffre.Server.Settings;

/// <summary>The settings of one server, checked. <see cref="SettingList"/> says what each is.</summary>
internal sealed class ServerSettings
{
    private readonly Dictionary<string, string> _values;

    internal ServerSettings(string dataFolder, Dictionary<string, string> values) => (DataFolder, _values) = (dataFolder, values);

    /// <summary>Everything that the server keeps lies below this folder.</summary>
    public string DataFolder { get; }

    public string CatalogPath => Path.Combine(DataFolder, "catalog.db");

    public string BlobFolder => Path.Combine(DataFolder, "store");

    public string SecretFolder => Path.Combine(DataFolder, "secrets");

    public string Text(Setting setting) => _values.GetValueOrDefault(setting.Key) ?? DefaultOf(setting);

    /// <summary>What holds where nothing is set, in the profile that is chosen.</summary>
    public string DefaultOf(Setting setting) =>
        setting.StrictDefault is { } strict && LimitSettings.IsStrict(Text(LimitSettings.Profile)) ? strict : setting.Default;

    public bool IsSet(Setting setting) => _values.ContainsKey(setting.Key);

    public long Number(Setting setting) => long.Parse(Text(setting), CultureInfo.InvariantCulture);

    public int Int(Setting setting) => checked((int)Number(setting));

    public bool Flag(Setting setting) => bool.Parse(Text(setting));

    public TimeSpan Seconds(Setting setting) => TimeSpan.FromSeconds(Number(setting));

    public long Bytes(Setting setting) =>
        ByteCount.TryParse(Text(setting), out var bytes) ? bytes : throw new FormatException(setting.Key);
}
