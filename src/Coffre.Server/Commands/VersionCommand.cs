using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using Coffre.Server.Catalog;

namespace Coffre.Server.Commands;

/// <summary><c>coffre-server version</c>.</summary>
internal static class VersionCommand
{
    public static Command Build()
    {
        var command = new Command("version", "Prints the version.");
        command.SetAction(_ =>
        {
            var version = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
            Console.WriteLine($"coffre-server {version}, {RuntimeInformation.FrameworkDescription}, catalog form {Migrations.Newest}");
            return 0;
        });
        return command;
    }
}
