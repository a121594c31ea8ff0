using Microsoft.Extensions.Configuration;

namespace Coffre.Server.Settings;

/// <summary>Gathers settings and checks them. A wrong one stops the server with a sentence that names key, value and range.</summary>
/// <remarks>
/// Strongest first: the command line, the environment (<c>COFFRE_SERVER_Section__Name</c>), <c>coffre-server.json</c> in the data
/// folder, the default. A key that does not exist is an error, so that a typing error never passes silently.
/// </remarks>
internal static class SettingsLoader
{
    public const string FileName = "coffre-server.json";
    public const string EnvironmentPrefix = "COFFRE_SERVER_";

    public static ServerSettings Load(string dataFolder, IEnumerable<KeyValuePair<string, string?>> commandLine)
    {
        var file = Path.Combine(Path.GetFullPath(dataFolder), FileName);
        IConfigurationRoot root;
        try
        {
            root = new ConfigurationBuilder()
                .AddJsonFile(file, optional: true, reloadOnChange: false)
                .AddEnvironmentVariables(EnvironmentPrefix)
                .AddInMemoryCollection(commandLine)
                .Build();
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException or IOException)
        {
            throw new SettingException($"The file '{file}' is not readable JSON: {exception.GetBaseException().Message}");
        }

        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in root.AsEnumerable().Where(pair => pair.Value is not null))
        {
            values[key] = Check(key, value!);
        }

        return new ServerSettings(Path.GetFullPath(dataFolder), values);
    }

    private static string Check(string key, string value)
    {
        var setting = SettingList.All.FirstOrDefault(setting => string.Equals(setting.Key, key, StringComparison.OrdinalIgnoreCase))
            ?? throw new SettingException($"There is no setting '{key}'. 'coffre-server config' lists all of them.");
        return setting.Fits(value)
            ? value
            : throw new SettingException($"The setting {setting.Key} is '{value}', but must be {setting.Range}.");
    }
}

/// <summary>A setting is wrong; the message says which, and what it may be.</summary>
internal sealed class SettingException(string message) : Exception(message);
