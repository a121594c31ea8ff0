using System.Runtime.CompilerServices;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Exchanges;

/// <summary>Replays every recorded exchange. With COFFRE_RECORD=1 in the environment the answers are written down anew, to be read and committed.</summary>
public sealed class ExchangeTests
{
    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Folder(), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task The_answers_are_those_that_were_recorded(string name)
    {
        var exchange = Exchange.Read(Path.Combine(Folder(), name + ".txt"));
        await using var server = await TestServer.StartAsync([.. exchange.Settings]);
        await exchange.PlayAsync(server, records: Environment.GetEnvironmentVariable("COFFRE_RECORD") == "1");
        Assert.Empty(server.Log.Troubles);
    }

    internal static string Folder() => FolderOf();

    private static string FolderOf([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
