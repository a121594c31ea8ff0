using System.CommandLine;
using Coffre.Server.Settings;

namespace Coffre.Server.Commands;

/// <summary><c>coffre-server config</c>: each setting, its value, its range.</summary>
internal static class ConfigCommand
{
    public static Command Build()
    {
        var (data, set) = (CommandLine.Data(), CommandLine.Set());
        var command = new Command("config", "Prints each setting, its value and its range, and checks them.") { data, set };
        command.SetAction((parsed, _) => CommandLine.RunAsync(() =>
        {
            var settings = CommandLine.Load(parsed.GetValue(data)!, parsed.GetValue(set));
            Console.WriteLine($"# Settings come from --set, then {SettingsLoader.EnvironmentPrefix}Section__Name, then {SettingsLoader.FileName} in the data folder.");
            foreach (var setting in SettingList.All)
            {
                Console.WriteLine();
                Console.WriteLine($"# {setting.Description}");
                Console.WriteLine($"# Range: {setting.Range}. Default: {Default(setting)}");
                Console.WriteLine($"{setting.Key} = {settings.Text(setting)}");
            }

            return Task.FromResult(0);
        }));
        return command;
    }

    private static string Default(Setting setting)
    {
        var house = setting.Default.Length == 0 ? "(empty)" : setting.Default;
        return setting.StrictDefault is { } strict ? $"{house}; in the profile 1fichier: {strict}" : house;
    }
}
