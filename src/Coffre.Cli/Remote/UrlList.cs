using System.Globalization;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Protocol;

namespace Coffre.Cli.Remote;

/// <param name="Url">As it was given.</param>
/// <param name="Name">What the file shall be called; null: as the source calls it.</param>
internal sealed record WantedUrl(string Url, string? Name);

/// <summary>URLs of the command line and of a list file: one on each line, then perhaps a blank and a name; <c>#</c> begins a comment.</summary>
internal static class UrlList
{
    private const int Most = 10_000;
    private const int MostNamed = 5;

    /// <exception cref="CliException">One is none. All are looked at before anything is sent.</exception>
    public static IReadOnlyList<WantedUrl> Read(Run run, IEnumerable<string> given, string? file)
    {
        List<WantedUrl> wanted = [];
        List<string> wrong = [];
        foreach (var url in given)
        {
            Take(run, url, name: null, "", wanted, wrong);
            if (SourceUrl.IsSecret(url))
            {
                run.Report.Warn("Other users of this machine can read a password or token in a URL among the arguments: --from-file - keeps it from them.");
            }
        }

        foreach (var (line, index) in (file is null ? [] : InputFile.Lines(run, file, "--from-file")).Select((line, index) => (line.Trim(), index)))
        {
            if (line.Length > 0 && line[0] != '#')
            {
                var blank = line.AsSpan().IndexOfAny(' ', '\t');
                var name = blank < 0 ? null : line[blank..].Trim();
                Take(run, blank < 0 ? line : line[..blank], name, string.Create(CultureInfo.InvariantCulture, $"line {index + 1} of {(file is "-" ? "standard input" : file)}"), wanted, wrong);
            }
        }

        return (wrong.Count, wanted.Count) switch
        {
            ( > 0, _) => throw CliException.Usage(
                $"{string.Join("; ", wrong.Take(MostNamed))}{(wrong.Count > MostNamed ? string.Create(CultureInfo.InvariantCulture, $"; and {wrong.Count - MostNamed} more") : "")}. Nothing was sent.",
                "a line is a URL of http, https or ftp, then perhaps a blank and a name"),
            (_, 0) => throw CliException.Usage("There is no URL to fetch.", "name some, or a list with --from-file"),
            (_, > Most) => throw CliException.Usage(string.Create(CultureInfo.InvariantCulture, $"{wanted.Count} URLs are too many at once: {Most} at most."), "split the list"),
            _ => wanted,
        };
    }

    private static void Take(Run run, string url, string? name, string where, List<WantedUrl> wanted, List<string> wrong)
    {
        foreach (var secret in SourceUrl.SecretsIn(url))
        {
            run.Hide(secret);
        }

        // What is no URL is not repeated: it may be a slip of the paste buffer.
        if (!SourceUrl.TryRead(url, out _))
        {
            wrong.Add($"{(where.Length > 0 ? where : "an argument")} is no URL of http, https or ftp");
        }
        else if (name is not null && Names.Check(NameEncoding.Encode(name)) is { } trouble)
        {
            wrong.Add($"the name in {where} cannot be used: {trouble.Reason}");
        }
        else
        {
            wanted.Add(new WantedUrl(url, name));
        }
    }
}
