namespace Coffre.Server.Ftp;

/// <summary>Paths as FTP clients write them: names below the drop zone's root.</summary>
internal static class FtpPath
{
    private const int MaxNames = 100;

    /// <summary>The names of a path; null if it is too deep. <c>..</c> never leads above the root.</summary>
    public static IReadOnlyList<string>? Resolve(IReadOnlyList<string> current, string path)
    {
        var names = path.StartsWith('/') ? [] : current.ToList();
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name == "..")
            {
                names = names.Count == 0 ? names : names[..^1];
            }
            else if (name != ".")
            {
                names.Add(name);
            }
        }

        return names.Count <= MaxNames ? names : null;
    }

    public static string Text(IReadOnlyList<string> names) => "/" + string.Join('/', names);

    /// <summary>Between quotes, in which a quote is written twice (RFC 959).</summary>
    public static string Quoted(IReadOnlyList<string> names) => $"\"{Text(names).Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
