using Coffre.Cli.Running;

namespace Coffre.Cli.Scanning;

/// <summary>The files in which shells and consoles of this user keep what was typed.</summary>
internal static class ShellHistory
{
    private static readonly string[] InHome =
    [
        ".bash_history", ".zsh_history", ".zhistory", ".histfile", ".sh_history", ".ash_history", ".ksh_history", ".history", ".python_history", ".node_repl_history",
        ".psql_history", ".mysql_history", ".sqlite_history", ".lesshst", ".viminfo", ".local/share/fish/fish_history", ".config/fish/fish_history",
        ".local/share/nu/history.txt", ".config/nushell/history.txt", ".local/share/powershell/PSReadLine/ConsoleHost_history.txt",
    ];

    public static IEnumerable<string> Files(Surroundings world)
    {
        IEnumerable<string?> all =
        [
            world.Variable("HISTFILE"),
            .. world.Variable("HOME") is { Length: > 0 } home ? InHome.Select(name => Path.Combine(home, name)) : [],
            world.Variable("APPDATA") is { Length: > 0 } roaming ? Path.Combine(roaming, "Microsoft", "Windows", "PowerShell", "PSReadLine", "ConsoleHost_history.txt") : null,
        ];
        return all.OfType<string>().Where(File.Exists).Distinct(StringComparer.Ordinal);
    }
}
