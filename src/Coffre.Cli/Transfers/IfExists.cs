using System.CommandLine;
using Coffre.Cli.Running;

namespace Coffre.Cli.Transfers;

/// <summary>What to do where the name is taken.</summary>
internal enum IfExists
{
    /// <summary>Skip what is the same, replace what is not.</summary>
    Update,
    Skip,
    Overwrite,
    Rename,
    Fail,
}

internal static class IfExistsFlag
{
    public static Option<string> Make(CommandKit kit, string fallback, bool withUpdate) => kit.Flags.Choice(
        "--if-exists",
        withUpdate ? "Where the name is taken: update skips what has the same size and checksum and replaces the rest" : "Where the name is taken",
        fallback,
        withUpdate ? ["update", "skip", "overwrite", "rename", "fail"] : ["skip", "overwrite", "rename", "fail"]);

    public static IfExists Read(string text) => text switch
    {
        "skip" => IfExists.Skip,
        "overwrite" => IfExists.Overwrite,
        "rename" => IfExists.Rename,
        "fail" => IfExists.Fail,
        _ => IfExists.Update,
    };

    /// <summary>The first of <c>name (1).txt</c>, <c>name (2).txt</c> … that is free.</summary>
    public static string FreeName(string name, Func<string, bool> isTaken)
    {
        var extension = Path.GetExtension(name);
        var stem = name[..^extension.Length];
        if (stem.Length == 0)
        {
            (stem, extension) = (name, "");
        }

        for (var number = 1; ; number++)
        {
            var candidate = $"{stem} ({number}){extension}";
            if (!isTaken(candidate))
            {
                return candidate;
            }
        }
    }
}
