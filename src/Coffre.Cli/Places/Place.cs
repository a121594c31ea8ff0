using System.Text.RegularExpressions;
using Coffre.Cli.Running;
using Coffre.Protocol;

namespace Coffre.Cli.Places;

/// <summary>What somebody wrote where a file or folder is wanted.</summary>
internal abstract partial record Place
{
    /// <summary>Reads <c>profile:/path</c>, <c>:/path</c>, a link, <c>-</c>, or a local path.</summary>
    /// <exception cref="CliException">A remote path goes up with <c>..</c>.</exception>
    public static Place Parse(string text)
    {
        if (text is "-")
        {
            return new StandardPlace();
        }

        if (text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            return LinkId.TryFind(text, out _)
                ? new LinkPlace(text)
                : throw CliException.Usage($"{text} is not the link of a file.", "links look like https://host/?abcdefghij0123456789");
        }

        if (SchemeForm().IsMatch(text))
        {
            throw CliException.Usage($"{text} is neither a link of this kind of service nor a path.", "links begin with https://, remote paths look like profile:/path");
        }

        return RemoteForm().Match(text) is { Success: true } match
            ? RemotePlace.Of(match.Groups["profile"].Value, match.Groups["path"].Value)
            : new LocalPlace(text.Length > 0 ? text : throw CliException.Usage("A path must not be empty."));
    }

    /// <summary>Whether a profile may be called so.</summary>
    public static bool IsProfileName(string text) => RemoteForm().IsMatch(text + ":") && text.Length > 0;

    /// <summary>The same, where only something remote makes sense.</summary>
    public static Place ParseRemote(string text) => Parse(text) switch
    {
        LocalPlace local => throw CliException.Usage(
            $"'{text}' is a local path; something remote is wanted here.",
            local.Path.StartsWith('/') ? $"write :{local.Path} for the default profile" : $"write :/{local.Path} for the default profile"),
        StandardPlace => throw CliException.Usage("'-' stands for standard input or output; something remote is wanted here."),
        var place => place,
    };

    /// <summary>The same, where only a path on the service makes sense.</summary>
    public static RemotePlace ParsePath(string text) => ParseRemote(text) as RemotePlace
        ?? throw CliException.Usage($"'{text}' is a link; a path such as profile:/Folder is wanted here.");

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9+.-]+://", RegexOptions.ExplicitCapture)]
    private static partial Regex SchemeForm();

    // One letter is never a profile: it may be a drive. The slash tells a path from a local file with a colon in its name.
    [GeneratedRegex(@"\A(?<profile>[A-Za-z0-9][A-Za-z0-9_-]{1,31})?:(?<path>/.*)?\z", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex RemoteForm();
}

/// <summary>Standard input or output.</summary>
internal sealed record StandardPlace : Place
{
    public override string ToString() => "-";
}

/// <summary>A path of this machine.</summary>
internal sealed record LocalPlace(string Path) : Place
{
    /// <summary>Whether it was written with a slash at its end.</summary>
    public bool EndsWithSlash => System.IO.Path.EndsInDirectorySeparator(Path);

    public override string ToString() => Path;
}

/// <summary>The public link of a file.</summary>
internal sealed record LinkPlace(string Link) : Place
{
    public override string ToString() => Link;
}

/// <summary>A path on the service.</summary>
/// <param name="Profile">Name of the profile; null is the default one.</param>
/// <param name="Names">Local names from the root down; none is the root.</param>
/// <param name="EndsWithSlash">Whether it was written with a slash at its end: a folder, then.</param>
internal sealed record RemotePlace(string? Profile, IReadOnlyList<string> Names, bool EndsWithSlash) : Place
{
    public bool IsRoot => Names.Count == 0;

    /// <summary>The last name; empty for the root.</summary>
    public string Name => IsRoot ? "" : Names[^1];

    public IEnumerable<string> ParentNames => Names.SkipLast(1);

    public static RemotePlace Of(string profile, string path)
    {
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name is not ".").ToArray();
        return names.Contains("..", StringComparer.Ordinal)
            ? throw CliException.Usage("A remote path cannot go up with '..'.", "write the path from the root")
            : new RemotePlace(profile is "" or "default" ? null : profile, names, path.Length == 0 || path.EndsWith('/'));
    }

    public RemotePlace Below(string name) => this with { Names = [.. Names, name], EndsWithSlash = false };

    /// <summary>The same, further down; none is this place itself.</summary>
    public RemotePlace Below(IReadOnlyList<string> names) => names.Count == 0 ? this : this with { Names = [.. Names, .. names], EndsWithSlash = false };

    /// <summary>As the user would write it.</summary>
    public override string ToString() => $"{Profile}:/{string.Join('/', Names)}";
}
