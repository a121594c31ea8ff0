using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Door;
using Coffre.Tests.Exchanges;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Protocol;

/// <summary>docs/compatibility.md, row by row: nothing is left out, and what a row is backed by is there and speaks of it.</summary>
public sealed partial class CompatibilityPageTests
{
    private const string Exchange = "exchange ";

    // What this server never says; the client knows it from elsewhere.
    private const string NotSent = "not sent";

    // From here on the numbers of refusals are those of what the v1 API has no words for.
    private const int FirstOfApi = 9100;

    private static readonly Dictionary<string, string[][]> Tables = ReadTables();
    private static readonly Dictionary<string, string> Sources = Directory.EnumerateFiles(Path.Combine(Repository(), "tests"), "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/obj/", StringComparison.Ordinal)).GroupBy(Path.GetFileNameWithoutExtension, StringComparer.Ordinal)
        .ToDictionary(group => group.Key!, group => string.Join('\n', group.Select(File.ReadAllText)), StringComparer.Ordinal);

    [Fact]
    public void No_cell_is_empty() => Assert.All(Tables.Values.SelectMany(rows => rows).SelectMany(row => row), cell => Assert.NotEqual("", cell));

    [Fact]
    public async Task Every_call_that_the_server_answers_has_its_row()
    {
        await using var server = await TestServer.StartAsync();
        var rows = Tables["Calls"].Select(row => row[0].Trim('`')).ToList();
        Assert.Equal(
            server.Routes.Where(route => route.StartsWith(V1Paths.Root, StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            rows.Where(row => row.StartsWith(V1Paths.Root, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(rows.Count, rows.Distinct().Count());
        foreach (var other in new[] { "/upload.cgi", "/end.pl", "/dir/<id>", "/check_links.pl", "/?<id>", "/p<digits>", "/remove/<id>/<code>" })
        {
            Assert.Contains(other, rows);
        }
    }

    [Fact]
    public void Every_parameter_has_its_row_and_a_test_that_sends_it()
    {
        AssertSame(
            Calls().Where(call => call.Name != nameof(V1Paths.UploadServer)).SelectMany(call => Fields(RequestOf(call.Name)).Select(field => (call.Path, field))), Tables["Parameters"]);
        foreach (var row in Tables["Parameters"])
        {
            AssertSends(CallOf(row), row[1].Trim('`'), row[2]);
        }
    }

    [Fact]
    public void Every_field_of_an_answer_has_its_row_and_a_test_that_reads_it()
    {
        AssertSame(
            Calls().SelectMany(call => Fields(AnswerOf(call.Name)).Except(["status", "message"]).Select(field => (call.Path, field))), Tables["Answers"]);
        foreach (var row in Tables["Answers"].Where(row => row[2] != NotSent))
        {
            AssertReads(CallOf(row), row[1].Trim('`'), row[2]);
        }
    }

    [Fact]
    public void Every_parameter_and_every_field_stands_on_the_page_of_its_call()
    {
        var pages = Tables["Calls"].ToDictionary(CallOf, row => File.ReadAllText(Path.Combine(Repository(), "docs", LinkForm().Match(row[3]).Groups["path"].Value)));
        foreach (var row in Tables["Parameters"].Where(row => row[1] != "`pretty`").Concat(Tables["Answers"].Where(row => row[2] != NotSent)))
        {
            var field = Regex.Escape(row[1].Trim('`'));
            Assert.True(Regex.IsMatch(pages[CallOf(row)], $@"`[^`\n]*\b{field}\b[^`\n]*`|""{field}"""), $"{row[1]} of {row[0]} is not on its page.");
        }
    }

    [Fact]
    public void Every_refusal_has_its_row_and_a_test_that_gets_it()
    {
        Assert.Equal(
            KoCatalogue.All.Where(entry => entry.Value.Number < FirstOfApi).Select(entry => entry.Key.ToString()).Order(StringComparer.Ordinal), Tables["Refusals"].Select(row => row[0].Trim('`')).Order(StringComparer.Ordinal));
        foreach (var row in Tables["Refusals"].Where(row => row[1] != NotSent))
        {
            var entry = KoCatalogue.Get(Enum.Parse<KoCode>(row[0].Trim('`')));
            if (Recorded(row[1]) is { } text)
            {
                Assert.Contains($"#{entry.Number}\"", text, StringComparison.Ordinal);
                Assert.Contains(entry.Text, text, StringComparison.Ordinal);
            }
            else
            {
                // As a refusal: a number alone may be anything.
                var method = Method(row[1]);
                Assert.Matches($@"IsKo\([^;]*\b{entry.Number}\)|InlineData\(.*\b{entry.Number}\)", method);
                Assert.Contains("IsKo(", method, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Every_refusal_of_the_native_api_has_a_test_that_gets_it()
    {
        var tests = string.Join('\n', Sources.Values);
        Assert.All(KoCatalogue.All.Where(entry => entry.Value.Number >= FirstOfApi), entry => Assert.Matches(
            $@"IsProblem\([^;]*""{ProblemWriter.WordOf(entry.Key)}""\)|IsKo\([^;]*\b{entry.Value.Number}\)", tests));
    }

    [Theory]
    [InlineData("Calls", 2)]
    [InlineData("Forms and headers", 2)]
    [InlineData("Where sources disagree", 3)]
    public void What_a_row_is_backed_by_is_there(string table, int column)
    {
        Assert.NotEmpty(Tables[table]);
        Assert.All(Tables[table], row => Assert.NotEqual("", Recorded(row[column]) ?? Method(row[column])));
    }

    private static void AssertSame(IEnumerable<(string Path, string Field)> expected, string[][] rows) =>
        Assert.Equal(
            expected.Select(pair => $"{pair.Path} {pair.Field}").Order(StringComparer.Ordinal),
            rows.Select(row => $"{CallOf(row)} {row[1].Trim('`')}").Order(StringComparer.Ordinal));

    private static void AssertSends(string path, string field, string evidence)
    {
        if (field == "pretty")
        {
            // One place reads it, for all calls.
            path = V1Paths.FolderLs;
        }

        if (Recorded(evidence) is { } text)
        {
            // In a request to this call: from its first line to the answer.
            Assert.Contains(RequestForm().Matches(text), match => match.Value.Contains(path, StringComparison.Ordinal) && match.Value.Contains($"\"{field}\":", StringComparison.Ordinal));
            return;
        }

        AssertSpeaksOf(path, field, evidence);
    }

    private static void AssertReads(string path, string field, string evidence)
    {
        if (Recorded(evidence) is { } text)
        {
            Assert.Contains(StepForm().Matches(text), match => match.Value.Contains(path, StringComparison.Ordinal) && match.Groups["answer"].Value.Contains($"\"{field}\":", StringComparison.Ordinal));
            return;
        }

        AssertSpeaksOf(path, field, evidence);
    }

    /// <summary>The test makes this call and has the field, itself or in what it calls of its own class.</summary>
    private static void AssertSpeaksOf(string path, string field, string evidence)
    {
        var name = evidence.Split('.')[0];
        var text = Method(evidence);
        var helpers = HelperForm().Matches(Sources[name]).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        while (helpers.FirstOrDefault(helper => Regex.IsMatch(text, $@"\b{helper}\(")) is { } used)
        {
            helpers.Remove(used);
            text += '\n' + Method($"{name}.{used}");
        }

        Assert.Matches($@"\b{Regex.Escape(field)}\b", text);
        Assert.Contains($"\"{path[V1Paths.Root.Length..]}\"", text, StringComparison.Ordinal);
    }

    /// <summary>The text of a recorded exchange; null if the evidence is a test.</summary>
    private static string? Recorded(string evidence) =>
        evidence.StartsWith(Exchange, StringComparison.Ordinal) ? File.ReadAllText(Path.Combine(ExchangeTests.Folder(), evidence[Exchange.Length..] + ".txt")) : null;

    /// <summary>The source of a test, <c>Class.Method</c>.</summary>
    private static string Method(string evidence)
    {
        Assert.True(evidence.Split('.') is [var name, var method] && Sources.TryGetValue(name, out _), $"There is no {evidence}.");
        var source = Sources[evidence.Split('.')[0]];
        var declared = Regex.Match(source, $@"^    (?:public|private) [^=;\n]*? {evidence.Split('.')[1]}\(", RegexOptions.Multiline);
        Assert.True(declared.Success, $"There is no {evidence}.");
        var start = declared.Index;
        var attributes = start - AttributesForm().Match(source[..start]).Length;
        var block = source.IndexOf("\n    {", start, StringComparison.Ordinal);
        var expression = EndForm().Match(source, start) is { Success: true } end ? end.Index : -1;
        var stop = block >= 0 && (expression < 0 || block < expression) ? source.IndexOf("\n    }", start, StringComparison.Ordinal) : expression;
        return source[attributes..stop];
    }

    private static IEnumerable<(string Name, string Path)> Calls() =>
        typeof(V1Paths).GetFields().Select(field => (field.Name, (string)field.GetRawConstantValue()!))
            .Where(pair => pair.Item2.StartsWith(V1Paths.Root, StringComparison.Ordinal) && pair.Item2.EndsWith(".cgi", StringComparison.Ordinal));

    private static Type RequestOf(string name) =>
        Find(name + "Request") ?? typeof(EmptyRequest);

    private static Type AnswerOf(string name) => Find(name + "Answer") ?? typeof(V1Answer);

    private static Type? Find(string name) => typeof(V1Request).Assembly.GetType($"{typeof(V1Request).Namespace}.{name}");

    private static IEnumerable<string> Fields(Type type) =>
        type.GetProperties().Select(property => property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name).OfType<string>().Distinct();

    private static string CallOf(string[] row) => row[0].Trim('`');

    private static Dictionary<string, string[][]> ReadTables()
    {
        var tables = new Dictionary<string, List<string[]>>(StringComparer.Ordinal);
        var heading = "";
        foreach (var line in File.ReadLines(Path.Combine(Repository(), "docs", "compatibility.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                heading = line[3..];
                tables[heading] = [];
            }
            else if (line.StartsWith("| ", StringComparison.Ordinal) && heading.Length > 0)
            {
                tables[heading].Add([.. line.Trim('|', ' ').Split(" | ").Select(cell => cell.Trim())]);
            }
        }

        // Without the row of headings.
        return tables.Where(pair => pair.Value.Count > 0).ToDictionary(pair => pair.Key, pair => pair.Value.Skip(1).ToArray(), StringComparer.Ordinal);
    }

    private static string Repository([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex("^> (?:GET|POST) .*(?:\\n>.*)*", RegexOptions.Multiline)]
    private static partial Regex RequestForm();

    [GeneratedRegex(@"^    private [^=;\n]*? (?<name>[A-Z]\w*)\(", RegexOptions.Multiline)]
    private static partial Regex HelperForm();

    [GeneratedRegex(@"\((?<path>[^)]+)\)")]
    private static partial Regex LinkForm();

    [GeneratedRegex(@";\n(?:\n|\})")]
    private static partial Regex EndForm();

    [GeneratedRegex(@"(?:^    \[.*\n)+\z", RegexOptions.Multiline)]
    private static partial Regex AttributesForm();

    [GeneratedRegex("^> (?:GET|POST) .*(?:\\n>.*)*(?<answer>(?:\\n<.*)*)", RegexOptions.Multiline)]
    private static partial Regex StepForm();
}
