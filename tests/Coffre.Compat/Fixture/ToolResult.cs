using System.Text;

namespace Coffre.Compat.Fixture;

/// <summary>What a program said and how it ended.</summary>
public sealed record ToolResult(string Command, int ExitCode, byte[] OutputBytes, string Errors, TimeSpan Took)
{
    public string Output => Encoding.UTF8.GetString(OutputBytes);

    public IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>This result, if the program ended well; else the test fails with all that it said.</summary>
    public ToolResult Ok()
    {
        Assert.True(ExitCode == 0, Describe());
        return this;
    }

    /// <summary>This result, if the program reported a failure of its own accord.</summary>
    public ToolResult Failed()
    {
        Assert.True(ExitCode != 0, "It should have failed: " + Describe());
        return this;
    }

    public string Describe() =>
        $"exit code {ExitCode} after {Took.TotalSeconds:0.0} s of: {Cut(Command, 600)}\n--- output\n{Cut(Output, 4000)}\n--- errors\n{Cut(Errors, 6000)}";

    private static string Cut(string text, int length) =>
        text.Length <= length ? text : string.Concat(text.AsSpan(0, length / 2), " [...] ", text.AsSpan(text.Length - (length / 2)));
}
