using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Coffre.Client;
using Coffre.Client.Testing;

namespace Coffre.Tests.Client;

/// <summary>Every public call of the SDK stands in an example that is compiled here and shown in docs/sdk.md.</summary>
public sealed partial class ExampleCoverageTests
{
    private static readonly string[] Examples = Directory.GetFiles(Folder(), "*Example.cs");

    /// <summary>What a user of the SDK calls: methods of public types, but those of records, enums and what every object has.</summary>
    public static TheoryData<string> Calls()
    {
        var calls = new TheoryData<string>();
        foreach (var type in typeof(CoffreClient).Assembly.GetExportedTypes().Append(typeof(FakeCoffre)).Append(typeof(FakeAccount)))
        {
            foreach (var name in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(method => IsCall(type, method)).Select(method => method.Name).Distinct(StringComparer.Ordinal))
            {
                calls.Add($"{type.Name}.{name}");
            }
        }

        return calls;
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_public_call_has_an_example(string call)
    {
        var name = call[(call.IndexOf('.', StringComparison.Ordinal) + 1)..];

        Assert.True(
            Examples.Any(path => Regex.IsMatch(File.ReadAllText(path), $@"\.{Regex.Escape(name)}\(", RegexOptions.None, TimeSpan.FromSeconds(5))),
            $"{call} stands in no example. Use it in a file of tests/Coffre.Tests/Examples, and show that in docs/sdk.md.");
    }

    [Fact]
    public void The_manual_shows_every_example_as_it_is_compiled()
    {
        var manual = File.ReadAllText(Path.Combine(Folder(), "../../../docs/sdk.md")).ReplaceLineEndings("\n");

        Assert.All(Examples, path => Assert.Contains(File.ReadAllText(path).ReplaceLineEndings("\n").TrimEnd(), manual, StringComparison.Ordinal));
        Assert.Equal(Examples.Length, Fence().Count(manual));
    }

    private static bool IsCall(Type type, MethodInfo method) =>
        !type.IsEnum && !method.IsSpecialName && method.GetCustomAttribute<CompilerGeneratedAttribute>() is null
        && method.Name is not (nameof(IDisposable.Dispose) or nameof(ToString) or nameof(Equals) or nameof(GetHashCode));

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "Examples");

    [GeneratedRegex("^```csharp$", RegexOptions.Multiline)]
    private static partial Regex Fence();
}
