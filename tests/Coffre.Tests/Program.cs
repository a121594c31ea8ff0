using Coffre.Tests.Storage;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Coffre.Tests;

/// <summary>Runs the tests, or plays a process that a test starts in order to kill it.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args) => args switch
    {
        [KillTarget.Command, var root] => await KillTarget.RunAsync(root),
        _ when args.Contains("--server") || args.Contains("--internal-msbuild-node") =>
            await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => await ConsoleRunner.Run(args),
    };
}
