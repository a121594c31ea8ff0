using System.Net;
using System.Text.RegularExpressions;
using Coffre.Server.Catalog;

namespace Coffre.Tests.Serving;

/// <summary>With ten million files in an account, no call may read a table whole: each statement that the calls have run is explained.</summary>
public sealed partial class QueryPlanTests
{
    [Fact]
    public async Task Every_statement_of_the_daily_calls_finds_its_rows_by_key_or_index_and_sorts_nothing()
    {
        await using var server = await TestServer.StartAsync();
        await RunDailyCallsAsync(server);
        var plans = await server.Catalog.WriteAsync(session => ExplainAll(session, server.Catalog), CancellationToken.None);

        Assert.InRange(plans.Count, 20, 200);
        Assert.Contains(plans, plan => plan.Sql.StartsWith("insert into file", StringComparison.Ordinal));
        Assert.Contains(plans, plan => plan.Sql.Contains("join link l", StringComparison.Ordinal));
        Assert.Contains(plans, plan => plan.Sql.Contains("order by f.name, f.id", StringComparison.Ordinal));
        Assert.All(plans, plan =>
        {
            Assert.False(Scan().IsMatch(plan.Steps), $"reads a table whole: {plan.Sql}\n{plan.Steps}");
            Assert.False(plan.Steps.Contains("TEMP B-TREE", StringComparison.Ordinal), $"sorts: {plan.Sql}\n{plan.Steps}");
            Assert.False(plan.Steps.Contains("AUTOMATIC", StringComparison.Ordinal), $"makes an index for itself: {plan.Sql}\n{plan.Steps}");
        });
    }

    [Fact]
    public async Task A_statement_that_reads_a_table_whole_would_be_seen()
    {
        await using var server = await TestServer.StartAsync();
        var plan = await server.Catalog.WriteAsync(session => Explain(session, "select id from file where description = 'x' order by name"), CancellationToken.None);
        Assert.Matches(Scan(), plan.Steps);
        Assert.Contains("TEMP B-TREE", plan.Steps, StringComparison.Ordinal);
    }

    private static async Task RunDailyCallsAsync(TestServer server)
    {
        var link = (await server.UploadAsync("small.txt", new byte[10])).GetProperty("download").GetString();
        await server.UploadAsync("large.bin", new byte[2_000_000]);
        var folder = await server.MakeFolderAsync("folder");
        await server.UploadAsync("inside.txt", new byte[10], folder);
        await server.DownloadAsync(link!);
        foreach (var (path, body) in new[]
        {
            ("file/info.cgi", $$"""{"url":"{{link}}"}"""),
            ("file/info.cgi", $$"""{"folder_id":{{folder}},"filename":"inside.txt"}"""),
            ("file/ls.cgi", "{}"),
            ("file/ls.cgi", """{"pretty":1}"""),
            ("file/ls.cgi", """{"folder_id":-1}"""),
            ("folder/ls.cgi", """{"files":1}"""),
            ("file/rename.cgi", $$"""{"urls":[{"url":"{{link}}","filename":"renamed.txt"}]}"""),
            ("file/mv.cgi", $$"""{"urls":["{{link}}"],"destination_folder_id":{{folder}}}"""),
            ("file/cp.cgi", $$"""{"urls":["{{link}}"],"folder_id":0}"""),
            ("file/chattr.cgi", $$"""{"urls":["{{link}}"],"description":"text"}"""),
            ("file/rm.cgi", $$"""{"files":[{"url":"{{link}}"}]}"""),
            ("user/info.cgi", "{}"),
        })
        {
            Assert.Equal((HttpStatusCode.OK, path), ((await server.CallAsync(path, body)).Status, path));
        }
    }

    private static List<(string Sql, string Steps)> ExplainAll(CatalogSession session, CatalogStore catalog) =>
        [.. catalog.StatementTexts().Concat(session.StatementTexts()).Distinct(StringComparer.Ordinal).Where(sql => Work().IsMatch(sql)).Select(sql => Explain(session, sql))];

    private static (string Sql, string Steps) Explain(CatalogSession session, string sql) =>
        (sql, string.Join("\n", session.ListUnbound($"explain query plan {sql}", row => row.GetString(3))));

    /// <summary>SCAN of a table; not of rows that a statement has in itself, nor of the queue of a recursion, nor of the index that has deleted accounts alone.</summary>
    [GeneratedRegex("^SCAN (?!CONSTANT ROW|[0-9]+ CONSTANT|below|a USING INDEX account_deleted|a USING COVERING INDEX account_deleted)", RegexOptions.Multiline)]
    private static partial Regex Scan();

    /// <summary>What touches a table that grows with the files; not the sweep's own queue, which it empties.</summary>
    [GeneratedRegex("^(?!.*blob_purge p).*(from|join|into|update)\\s+(file|link|blob|upload|upload_file|change|folder)\\b", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Work();
}
