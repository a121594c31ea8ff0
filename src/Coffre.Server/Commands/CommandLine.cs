using System.CommandLine;
using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Settings;

namespace Coffre.Server.Commands;

/// <summary>The words of <c>coffre-server</c>, and how its troubles become one sentence and an exit code.</summary>
internal static class CommandLine
{
    private const int Failure = 1;

    /// <summary>Exit code for a command line or a setting that is wrong.</summary>
    public const int WrongUse = 2;

    public static Option<string> Data() => new("--data", "-d")
    {
        Description = "Folder that holds everything",
        DefaultValueFactory = _ => "data",
    };

    public static Option<string[]> Set() => new("--set")
    {
        Description = "A setting, as Section:Name=value (see 'coffre-server config')",
        AllowMultipleArgumentsPerToken = false,
    };

    public static RootCommand Build(TimeProvider clock)
    {
        var root = new RootCommand("A self-hosted file host that speaks the 1fichier API.");
        root.Add(ServeCommand.Build(clock));
        root.Add(AccountCommand.Build(clock));
        root.Add(KeyCommand.Build(clock));
        root.Add(VoucherCommand.Build(clock));
        root.Add(LocksCommand.Build(clock));
        root.Add(AuditCommand.Build(clock));
        root.Add(ConfigCommand.Build());
        root.Add(CertificateCommand.Build(clock));
        root.Add(SweepCommand.Build(clock));
        root.Add(VersionCommand.Build());
        return root;
    }

    /// <summary>Runs a command; what the operator can mend is told in one sentence on standard error.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (Exception exception) when (exception is SettingException or DataFolderException or CatalogException or CommandException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return exception is SettingException or CommandException ? WrongUse : Failure;
        }
    }

    /// <summary>What a desk decided.</summary>
    /// <exception cref="CommandException">It refused.</exception>
    public static T Take<T>(Outcome<T> outcome) => outcome.IsFault
        ? throw new CommandException($"{KoCatalogue.Get(outcome.Fault.Code).Text}{(outcome.Fault.Detail is { } detail ? $": {detail}" : "")}.")
        : outcome.Value;

    /// <summary>Settings from <c>--set</c> and from options of their own.</summary>
    public static ServerSettings Load(string data, IEnumerable<string>? set, params IEnumerable<(Setting Setting, object? Value)> options)
    {
        var pairs = new List<KeyValuePair<string, string?>>();
        foreach (var text in set ?? [])
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new SettingException($"--set takes Section:Name=value, not '{text}'.");
            }

            pairs.Add(new(text[..equals].Trim(), text[(equals + 1)..].Trim()));
        }

        pairs.AddRange(options.Where(option => option.Value is not null).Select(option =>
            new KeyValuePair<string, string?>(
                option.Setting.Key, Convert.ToString(option.Value, System.Globalization.CultureInfo.InvariantCulture))));
        return SettingsLoader.Load(data, pairs);
    }
}

/// <summary>The command was used wrongly; the message names the cure.</summary>
internal sealed class CommandException(string message) : Exception(message);
