using System.Reflection;

namespace Coffre.Cli.Running;

/// <summary>What this program is.</summary>
internal static class Product
{
    /// <summary>Version without build data.</summary>
    public static string Version { get; } =
        typeof(Product).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
