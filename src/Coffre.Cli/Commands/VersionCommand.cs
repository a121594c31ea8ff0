using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Coffre.Cli.Output;
using Coffre.Cli.Running;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre version</c>.</summary>
internal static class VersionCommand
{
    public static Command Make(CommandKit kit)
    {
        var command = new DescribedCommand("version", "Say which coffre this is", ["coffre version", "coffre version --json"]);
        kit.Does(command, (run, _, _) =>
        {
            run.Report.Add(new VersionResult(Product.Version, RuntimeInformation.FrameworkDescription, !RuntimeFeature.IsDynamicCodeSupported));
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }
}
