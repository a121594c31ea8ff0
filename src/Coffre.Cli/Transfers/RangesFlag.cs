using System.CommandLine;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Transfers;

/// <summary><c>--ranges</c>: by how many ranges side by side a large file comes.</summary>
internal static class RangesFlag
{
    public static Option<int> Make(CommandKit kit) =>
        kit.Flags.Number("--ranges", "Ranges of a large file that come at the same time; 0 chooses, as the service allows", 0, 0, DownloadOptions.MaxRanges);

    /// <summary>Null lets the client choose.</summary>
    public static int? Read(int given) => given == 0 ? null : given;
}
