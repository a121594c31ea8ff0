using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Coffre.Cli.Scanning;

namespace Coffre.Tests.Scanning;

/// <summary>The rules for gitleaks and trufflehog, read as those programs read them and tried on the corpus. The programs themselves: Coffre.Compat.</summary>
public sealed partial class ScannerRulesTests
{
    [Theory]
    [InlineData("gitleaks/coffre.toml")]
    [InlineData("trufflehog/coffre.yaml")]
    public void Rules_find_the_keys_and_pass_over_the_look_alikes(string file)
    {
        var rules = file.EndsWith("toml", StringComparison.Ordinal) ? ReadGitleaks(file) : ReadTrufflehog(file);
        Assert.Equal(["coffre-api-key", "1fichier-api-key"], rules.Select(rule => rule.Id));
        for (var round = 0; round < 20; round++)
        {
            foreach (var one in KeyCase.All())
            {
                var found = rules.SelectMany(rule => rule.Find(one.Text)).ToList();

                // The rules know no checksum, and a 'maybe' is none for them.
                var expected = one.Key is not null && one.Kind != "1fichier?" ? one.Key : one.Name == "wrong checksum" ? one.Text : null;
                Assert.True(found.SequenceEqual(expected is null ? [] : [expected]), $"{one.Name}: {one.Text} gave {string.Join(' ', found)}");
            }
        }
    }

    private static List<Rule> ReadGitleaks(string file) =>
    [
        .. File.ReadAllText(Beside(file)).Split("[[rules]]")[1..].Select(block =>
        {
            var parts = block.Split("[[rules.allowlists]]");
            var (main, allow) = (parts[0], string.Concat(parts[1..]));
            return new Rule(
                Value(main, "id"),
                Value(main, "regex"),
                double.Parse(Value(main, "entropy"), CultureInfo.InvariantCulture),
                List(main, "keywords"),
                List(allow, "regexes"),
                List(allow, "stopwords"));
        }),
    ];

    private static List<Rule> ReadTrufflehog(string file) =>
    [
        .. File.ReadAllText(Beside(file)).Replace("#+ ", "", StringComparison.Ordinal).Split("  - name: ")[1..].Select(block => new Rule(
            block.Split('\n')[0],
            Value(block, "key").Replace("''", "'", StringComparison.Ordinal),
            double.Parse(Value(block, "entropy"), CultureInfo.InvariantCulture),
            List(block, "keywords"),
            List(block, "exclude_regexes_capture"),
            List(block, "exclude_words"))),
    ];

    private static string Value(string block, string name)
    {
        var line = block.Split('\n').Select(line => line.Trim()).First(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length..].TrimStart()[0] is '=' or ':');
        return line[(line.IndexOfAny(['=', ':'], name.Length) + 1)..].Trim().Trim('\'', '"');
    }

    private static string[] List(string block, string name) =>
        block.Contains(name, StringComparison.Ordinal)
            ? [.. Quoted().Matches(Value(block, name)).Select(match => match.Groups["text"].Value)]
            : [];

    private static string Beside(string file, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../../integrations", file);

    [GeneratedRegex("""(?<quote>'''|"|')(?<text>.*?)\k<quote>""", RegexOptions.ExplicitCapture)]
    private static partial Regex Quoted();

    private sealed record Rule(string Id, string Text, double Entropy, string[] Keywords, string[] Allowed, string[] StopWords)
    {
        // What .NET takes without backtracking has no look-around and no back reference: what RE2, the engine of both programs, has not either.
        private readonly Regex _regex = new(Text, RegexOptions.NonBacktracking);

        public IEnumerable<string> Find(string text) =>
            Keywords.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase))
                ? _regex.Matches(text).Select(match => match.Groups[1].Value).Where(IsKept)
                : [];

        private bool IsKept(string secret) =>
            KeyHunter.Entropy(secret) >= Entropy
            && !Allowed.Any(allowed => Regex.IsMatch(secret, allowed, RegexOptions.NonBacktracking))
            && !StopWords.Any(word => secret.Contains(word, StringComparison.OrdinalIgnoreCase));
    }
}
