using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Coffre.Tests.Protocol;

/// <summary>docs/security.md: the tests that it names are there.</summary>
public sealed partial class SecurityPageTests
{
    [Fact]
    public void Every_attack_names_tests_that_there_are()
    {
        var page = File.ReadAllText(Path.Combine(Repository(), "docs", "security.md"));
        var rows = page[page.IndexOf("| attack |", StringComparison.Ordinal)..].Split('\n').Skip(2).Where(line => line.StartsWith('|')).ToList();
        Assert.True(rows.Count >= 20);
        var classes = Assembly.GetExecutingAssembly().GetTypes().ToLookup(type => type.Name, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            var names = Name().Matches(row.Split('|')[^2]).Select(match => match.Groups[1].Value).ToList();
            Assert.True(names.Count > 0, $"No test is named: {row}");
            foreach (var name in names)
            {
                var parts = name.Split('.');
                var test = classes[parts[0]].FirstOrDefault();
                Assert.True(test is not null && (parts.Length == 1 || test.GetMethod(parts[1]) is not null), $"There is no {name}.");
            }
        }
    }

    [GeneratedRegex("`([A-Za-z0-9_.]+)`")]
    private static partial Regex Name();

    private static string Repository([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
