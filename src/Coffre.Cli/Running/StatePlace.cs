namespace Coffre.Cli.Running;

/// <summary>Where the command remembers between runs what it may forget without loss of files: budget, index, jobs.</summary>
internal static class StatePlace
{
    /// <summary><c>$XDG_STATE_HOME/coffre</c>, <c>~/.local/state/coffre</c>, on Windows <c>%LOCALAPPDATA%\coffre\state</c>; null if there is no such place.</summary>
    public static string? Find(Surroundings world) =>
        world.Variable("XDG_STATE_HOME") is { Length: > 0 } state && Path.IsPathRooted(state) ? Path.Combine(state, "coffre")
        : OperatingSystem.IsWindows() ? world.Variable("LOCALAPPDATA") is { Length: > 0 } local ? Path.Combine(local, "coffre", "state") : null
        : world.Variable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".local", "state", "coffre") : null;
}
