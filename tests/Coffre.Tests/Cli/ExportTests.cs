using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Coffre.Cli.Export;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>Exports: each format is what its readers expect, and no name of a file makes it anything else.</summary>
public sealed class ExportTests : IAsyncLifetime
{
    private const string Formula = "=HYPERLINK(\"evil\",\"x\").mp3";
    private const string Markup = "<img src=x onerror=alert(1)>&amp;.mp4";
    private const string Lines = "two\nfile:passwd\r#EXTINF:1,x.mkv";
    private const string Commas = "-a, \"b\".ogg";

    // For spreadsheets that separate cells elsewhere.
    private const string Separated = "a; \"=HYPERLINK(\"evil\";1)\t+b.mp3";

    private const string Turned = "exe\u202e4pm.mp4";

    private static readonly string[] Hostile = [Formula, Markup, Lines, Commas, Separated, Turned, "@sum.flac", "\ttab.wav", "🎬 ünï.webm"];

    private readonly CliRunner _cli = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        (await _cli.PipeAsync(_server.Key, "auth", "login", "--url", _server.Address.ToString())).Ok();
        foreach (var name in Hostile)
        {
            _cli.Write(Path.Combine("m", "+dir", name), name);
        }

        _cli.Write("m/note.txt", "text");
        (await RunAsync("put", _cli.Local("m"), ":/")).Ok();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _cli.Dispose();
    }

    private Task<CliOutcome> RunAsync(params string[] args) => _cli.RunAsync(args);

    private async Task<string> ExportAsync(string format) => (await RunAsync("export", ":/m", "--format", format)).Ok().Out;

    [Fact]
    public async Task Json_has_the_exact_names_and_everything_that_is_known()
    {
        var export = JsonElement.Parse(await ExportAsync("json"));

        Assert.Equal("coffre-export/1", export.GetProperty("schema").GetString());
        var files = export.GetProperty("files").EnumerateArray().ToArray();
        Assert.Equal(Hostile.Select(name => "+dir/" + name).Append("note.txt").Order(StringComparer.Ordinal), files.Select(file => file.GetProperty("path").GetString()!).Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Equal(128, file.GetProperty("whirlpool").GetString()!.Length));
        Assert.All(files, file => Assert.StartsWith(_server.Address.ToString() + "?", file.GetProperty("link").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Csv_is_read_back_cell_by_cell_and_holds_no_formula()
    {
        var text = await ExportAsync("csv");
        var rows = Rfc4180(text);

        Assert.Equal(["path", "name", "size", "arrived", "link", "whirlpool", "type", "access"], rows[0]);
        Assert.Equal(Hostile.Length + 2, rows.Count);
        Assert.All(rows, row => Assert.Equal(8, row.Count));
        Assert.All(rows.SelectMany(row => row), cell => Assert.False(cell.Length > 0 && "=+-@\t\r\n".Contains(cell[0], StringComparison.Ordinal), cell));
        Assert.Contains(rows, row => row[1] == "'" + Formula);
        Assert.Contains(rows, row => row[1] == "a; \"'=HYPERLINK(\"evil\";1)\t'+b.mp3");
        Assert.Contains(",\"a; \"\"'=", text, StringComparison.Ordinal);
        Assert.Contains(rows, row => row[1] == Lines);
        Assert.Contains(rows, row => row[0] == "note.txt" && row[2] == "4" && row[7] == "open");
    }

    [Fact]
    public async Task Html_is_well_formed_runs_nothing_and_shows_each_name_as_text()
    {
        var page = await ExportAsync("html");

        // Void elements aside it is XML, so a name that broke out would break it.
        var xml = XDocument.Parse(Regex.Replace(page.Replace("<!doctype html>", "", StringComparison.Ordinal), "<meta ([^>]*)>", "<meta $1/>"));
        Assert.Empty(xml.Descendants("img").Concat(xml.Descendants("script")));
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        var anchors = xml.Descendants("a").ToArray();
        Assert.Equal(Hostile.Length + 1, anchors.Length);
        Assert.Contains(anchors, anchor => anchor.Value == Markup);
        Assert.Contains(anchors, anchor => anchor.Value == "exe\ufffd4pm.mp4");
        Assert.Equal(anchors.Length, xml.Descendants("bdi").Count());
        Assert.All(anchors, anchor => Assert.StartsWith("http://127.0.0.1", anchor.Attribute("href")!.Value, StringComparison.Ordinal));
        Assert.DoesNotContain("http", Regex.Replace(page, "href=\"[^\"]*\"|<meta [^>]*>", ""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_playlist_has_two_lines_for_each_film_or_piece_of_music()
    {
        var lines = (await ExportAsync("m3u")).TrimEnd('\n').Split('\n');

        Assert.Equal("#EXTM3U", lines[0]);
        Assert.Equal(1 + (2 * Hostile.Length), lines.Length);
        Assert.All(lines.Skip(1).Chunk(2), pair =>
        {
            Assert.StartsWith("#EXTINF:-1,", pair[0], StringComparison.Ordinal);
            Assert.StartsWith(_server.Address.ToString() + "?", pair[1], StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Names_with_links_are_one_line_each()
    {
        var lines = (await ExportAsync("links")).TrimEnd('\n').Split('\n');

        Assert.Equal(Hostile.Length + 1, lines.Length);
        Assert.All(lines, line => Assert.Matches(@": http://127\.0\.0\.1:\d+/\?[a-z0-9]{20}$", line));
    }

    [Fact]
    public async Task A_crawljob_has_an_entry_for_each_file_and_settings_of_ours_only()
    {
        var jobs = JsonElement.Parse(await ExportAsync("crawljob")).EnumerateArray().ToArray();

        Assert.Equal(Hostile.Length + 1, jobs.Length);
        Assert.All(jobs, job => Assert.Equal(
            ["text", "packageName", "filename", "comment", "type", "enabled", "autoConfirm", "autoStart", "deepAnalyseEnabled", "overwritePackagizerEnabled"],
            job.EnumerateObject().Select(setting => setting.Name)));
        Assert.All(jobs, job => Assert.DoesNotContain('\n', job.GetProperty("comment").GetString()!));
        Assert.Equal(["m", "+dir"], jobs.Select(job => job.GetProperty("packageName").GetString()).Distinct());
    }

    [Fact]
    public async Task A_strm_tree_mirrors_the_folders_and_each_file_holds_its_link()
    {
        var facts = (await RunAsync("export", ":/m", "--format", "strm", "--out", _cli.Local("strm"), "--json")).Ok().Results[0];

        var files = Directory.GetFiles(_cli.Local("strm"), "*", SearchOption.AllDirectories);
        Assert.Equal(Hostile.Length, facts.GetProperty("files").GetInt32());
        Assert.Equal(Hostile.Select(name => _cli.Local(Path.Combine("strm", "+dir", name + ".strm"))).Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.Matches(@"\Ahttp://127\.0\.0\.1:\d+/\?[a-z0-9]{20}\n\z", File.ReadAllText(file)));
    }

    [Fact]
    public void A_strm_tree_never_leads_out_of_its_folder_and_never_loses_a_twin()
    {
        var inner = Directory.CreateDirectory(_cli.Local("a/b")).FullName;
        var list = new ExportList(":/", null, TimeProvider.System.GetUtcNow(), [File("..", "../../x.mkv"), File("..", "../../X.mkv"), File("/etc", ".."), File("c", new string('ü', 240) + ".mp3"), File("c\0", "n\0.mp4")]);

        Assert.Equal(4, StrmExport.Write(list, inner));

        var written = Directory.GetFiles(_cli.Local("a"), "*", SearchOption.AllDirectories);
        Assert.Equal(4, written.Length);
        Assert.All(written, path => Assert.StartsWith(inner + Path.DirectorySeparatorChar, path, StringComparison.Ordinal));

        static ExportFile File(string folder, string name) => new([folder], name, new RemoteFile { Link = "https://h/?abcdefghij", Name = name, Size = 1 });
    }

    [Fact]
    public async Task It_answers_from_the_index_says_how_old_that_is_and_writes_a_file_whole()
    {
        var path = _cli.Write("list.csv", "old");
        var outcome = (await RunAsync("export", ":/m", "--out", path, "--offline", "--json", "--explain-requests")).Ok();

        Assert.True(outcome.Json.TryGetProperty("as_of", out _));
        Assert.Empty(outcome.Json.GetProperty("requests").EnumerateArray());
        Assert.StartsWith("path,name,", await System.IO.File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        (await RunAsync("export", ":/m", "--out", _cli.Local("no/such/folder.csv"))).Is(ExitCode.Failure);
        (await RunAsync("export", ":/nothing")).Is(ExitCode.NotFound);
    }

    [Theory]
    [InlineData("export :/ --format strm")]
    [InlineData("export :/ --json")]
    [InlineData("export :/ --format xlsx")]
    [InlineData("export local")]
    [InlineData("export :/ --offline --refresh")]
    public async Task Wrong_use_is_told(string line) => (await RunAsync(line.Split(' '))).Is(ExitCode.Usage);

    /// <summary>As RFC 4180 reads.</summary>
    private static List<List<string>> Rfc4180(string text)
    {
        List<List<string>> rows = [[]];
        for (var at = 0; at < text.Length;)
        {
            string cell;
            if (text[at] == '"')
            {
                var end = at + 1;
                while (text[end] != '"' || (end + 1 < text.Length && text[end + 1] == '"'))
                {
                    end += text[end] == '"' ? 2 : 1;
                }

                cell = text[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal);
                at = end + 1;
            }
            else
            {
                var end = text.AsSpan(at).IndexOfAny(',', '\r') + at;
                cell = text[at..end];
                at = end;
            }

            rows[^1].Add(cell);
            if (text[at] == ',')
            {
                at++;
                continue;
            }

            Assert.Equal("\r\n", text.Substring(at, 2));
            at += 2;
            if (at < text.Length)
            {
                rows.Add([]);
            }
        }

        return rows;
    }
}
