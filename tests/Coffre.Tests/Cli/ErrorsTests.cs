using System.Text.RegularExpressions;
using System.Runtime.CompilerServices;
using Coffre.Cli.Catalogue;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Protocol;

namespace Coffre.Tests.Cli;

/// <summary>Every error has a name, an exit code, a meaning and a cure, and can be looked up.</summary>
public sealed partial class ErrorsTests : IDisposable
{
    private readonly CliRunner _cli = new();

    public void Dispose() => _cli.Dispose();

    public static TheoryData<CoffreError> Every => [.. Enum.GetValues<CoffreError>()];

    [Theory]
    [MemberData(nameof(Every))]
    public async Task Each_error_of_the_sdk_is_explained_whole(CoffreError error)
    {
        var facts = Assert.Single((await _cli.RunAsync("errors", "explain", ErrorBook.NameOf(error), "--json")).Ok().Results);

        Assert.Equal(ErrorBook.NameOf(error), facts.GetProperty("code").GetString());
        Assert.Matches("^[a-z]+(_[a-z]+)*$", facts.GetProperty("code").GetString());
        Assert.NotEqual(0, facts.GetProperty("exit_code").GetInt32());
        Assert.True(Enum.IsDefined((ExitCode)facts.GetProperty("exit_code").GetInt32()));
        Assert.Equal(ErrorBook.IsTransient(error), facts.GetProperty("transient").GetBoolean());
        Assert.EndsWith(".", facts.GetProperty("meaning").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(facts.GetProperty("advice").GetString()!);
    }

    [Fact]
    public void The_names_are_different_and_no_code_of_the_command_is_missing()
    {
        Assert.Equal(ErrorCatalogue.All.Count, ErrorCatalogue.All.Select(facts => facts.Code).Distinct().Count());
        var source = Path.GetFullPath(Path.Combine(Here(), "..", "..", "..", "..", "src", "Coffre.Cli"));
        var used = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => CodeForm().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["code"].Value)
            .Distinct(StringComparer.Ordinal)
            .ToArray();
        Assert.Contains("declined", used);
        Assert.All(used, code => Assert.True(ErrorCatalogue.Find(code).Any(), $"'{code}' is not in Catalogue/ErrorCatalogue.cs"));
    }

    [Theory]
    [InlineData("374", "flooded", "Flood detected: IP Locked")]
    [InlineData("#38", "flooded", "Flood detected")]
    [InlineData("186", "locked", "")]
    [InlineData("200", "must_be_customer", "Must be a customer")]
    [InlineData("620", "owner_locked", "Owner locked")]
    [InlineData("9041", "quota_exceeded", "Quota exceeded")]
    [InlineData("9099", "server_error", "Internal error")]
    public async Task Numbers_of_the_service_say_what_they_mean(string number, string code, string text)
    {
        var facts = (await _cli.RunAsync("errors", "explain", number, "--json")).Ok().Results.First(result => result.GetProperty("kind").GetString() == "number");

        Assert.Equal(code, facts.GetProperty("code").GetString());
        Assert.Contains(text, string.Join(';', facts.GetProperty("texts").EnumerateArray()), StringComparison.Ordinal);
        Assert.Contains($"#{number.TrimStart('#')}", (await _cli.RunAsync("errors", "explain", number)).Ok().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_number_of_the_catalogue_is_known()
    {
        Assert.All(KoCatalogue.All, entry => Assert.NotEmpty(ErrorCatalogue.Find($"#{entry.Value.Number}")));
    }

    [Fact]
    public async Task Exit_codes_are_explained_with_the_errors_that_end_so_and_what_is_unknown_is_not_found()
    {
        var facts = Assert.Single((await _cli.RunAsync("errors", "explain", "7", "--json")).Ok().Results);
        Assert.Equal("exit_code", facts.GetProperty("kind").GetString());
        Assert.Equal(["flooded", "locked", "other_location", "unavailable", "still_running"], facts.GetProperty("codes").EnumerateArray().Select(code => code.GetString()));
        (await _cli.RunAsync("errors", "explain", "99999")).Is(ExitCode.NotFound);
        (await _cli.RunAsync("errors", "explain", "nonsense")).Is(ExitCode.NotFound);
    }

    [Fact]
    public async Task The_list_has_all_of_them()
    {
        var lines = (await _cli.RunAsync("errors", "list")).Ok().Lines;
        Assert.All(ErrorCatalogue.All, facts => Assert.Contains(lines, line => line.StartsWith(facts.Code + " ", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_manual_has_the_same_exit_codes_with_the_same_words()
    {
        var manual = File.ReadAllText(Path.GetFullPath(Path.Combine(Here(), "..", "..", "..", "..", "docs", "client.md")));
        Assert.Equal(Enum.GetValues<ExitCode>().Order(), ExitBook.All.Keys.Order());
        Assert.All(ExitBook.All, pair => Assert.Contains($"| {(int)pair.Key} | {pair.Value} |", manual, StringComparison.Ordinal));
        Assert.All(RowForm().Matches(manual).Select(match => int.Parse(match.Groups["code"].Value, System.Globalization.CultureInfo.InvariantCulture)), code => Assert.True(Enum.IsDefined((ExitCode)code)));
    }

    private static string Here([CallerFilePath] string here = "") => here;

    [GeneratedRegex("""(CliException\(\s*ExitCode\.\w+,|ErrorReport\()\s*"(?<code>[a-z_]+)" """, RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CodeForm();

    [GeneratedRegex(@"^\| (?<code>\d+) \| ", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex RowForm();
}
