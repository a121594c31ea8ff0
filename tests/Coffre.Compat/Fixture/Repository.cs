namespace Coffre.Compat.Fixture;

/// <summary>Where the things of this repository lie, found from the place of this test program.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The server that was built beside this test program, in the same configuration.</summary>
    public static string ServerDll { get; } = Built("Coffre.Server", "coffre-server.dll");

    public static string Artifact(params string[] parts) => Path.Combine([Root, "artifacts", .. parts]);

    /// <summary>How to start the command: its native build if <c>./test</c> made one, else the managed one.</summary>
    public static IReadOnlyList<string> Command { get; } = FindCommand();

    private static string Built(string project, string file) =>
        Path.Combine(AppContext.BaseDirectory, "..", "..", project, Configuration, file);

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Name;

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Coffre.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Coffre.slnx above {AppContext.BaseDirectory}: these tests run from the repository's artifacts.");
    }

    private static IReadOnlyList<string> FindCommand()
    {
        var native = Artifact("publish", "Coffre.Cli", "release", "coffre");
        return File.Exists(native) ? [native] : ["dotnet", Built("Coffre.Cli", "coffre.dll")];
    }
}
