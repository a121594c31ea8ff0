using System.Text.RegularExpressions;

namespace Coffre.Compat.Fixture;

/// <summary>The fenced blocks of the README that are marked as recipes: those whose info string is <c>sh recipe-NAME</c>.</summary>
public static partial class ReadmeRecipes
{
    /// <summary>Name and text of each, in the README's order.</summary>
    public static IReadOnlyList<(string Name, string Script)> All { get; } = Read();

    public static string Get(string name) =>
        All.FirstOrDefault(recipe => recipe.Name == name).Script ?? throw new InvalidOperationException($"The README has no block 'sh {name}'.");

    private static List<(string Name, string Script)> Read()
    {
        var path = Path.Combine(Repository.Root, "README.md");
        return File.Exists(path)
            ? [.. BlockForm().Matches(File.ReadAllText(path)).Select(match => (match.Groups["name"].Value, match.Groups["script"].Value))]
            : [];
    }

    [GeneratedRegex("^```sh (?<name>recipe-[a-z0-9-]+)[ \\t]*\\n(?<script>.*?)^```[ \\t]*$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex BlockForm();
}
