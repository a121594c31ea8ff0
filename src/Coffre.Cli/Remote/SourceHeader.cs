using System.Text.RegularExpressions;
using Coffre.Cli.Running;

namespace Coffre.Cli.Remote;

/// <summary>Headers that the service shall send along to a source, as <c>Name: value</c>.</summary>
internal static partial class SourceHeader
{
    /// <param name="given">Words of the command line.</param>
    /// <param name="file">A file of such lines; null: none.</param>
    /// <param name="run">Its redactor learns the values.</param>
    public static IReadOnlyDictionary<string, string> Read(Run run, IEnumerable<string> given, string? file)
    {
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (var word in given)
        {
            var (name, value) = Parse(word, "--header");
            headers[name] = Hidden(run, value);
            if (Right().IsMatch(name))
            {
                run.Report.Warn($"Other users of this machine can read the header '{name}' among the arguments: --header-file keeps it from them.");
            }
        }

        if (file is null)
        {
            return headers;
        }

        var number = 0;
        foreach (var line in InputFile.Lines(run, file, "--header-file"))
        {
            number++;
            if (line.Trim() is { Length: > 0 } text && !text.StartsWith('#'))
            {
                var (name, value) = Parse(text, $"{file}, line {number}");
                headers[name] = Hidden(run, value);
            }
        }

        return headers;
    }

    private static string Hidden(Run run, string value)
    {
        run.Hide(value);

        // Of "Basic dXNl..." the second word is the secret.
        run.Hide(value[(value.LastIndexOf(' ') + 1)..]);
        return value;
    }

    private static (string Name, string Value) Parse(string text, string where) => Form().Match(text) is { Success: true } match
        ? (match.Groups["name"].Value, match.Groups["value"].Value)
        : throw CliException.Usage($"{where} is no header.", "write it like 'Referer: https://example.org/'");

    [GeneratedRegex(@"\A(?<name>[A-Za-z0-9-]{1,100}):[ \t]*(?<value>[\x20-\x7e]{1,4000})\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();

    [GeneratedRegex("auth|cookie|token|key|secret", RegexOptions.IgnoreCase)]
    private static partial Regex Right();
}
