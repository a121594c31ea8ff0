using System.Globalization;

namespace Coffre.Cli.Watching;

/// <summary>Which files somebody has open for writing, where the system tells: on Linux, of processes that we may look at.</summary>
internal static class OpenFiles
{
    private const int WriteBits = 3;

    /// <param name="paths">Full paths.</param>
    /// <param name="processes">Where processes are told: <c>/proc</c>.</param>
    public static IReadOnlySet<string> WrittenAmong(IReadOnlySet<string> paths, string processes = "/proc")
    {
        HashSet<string> written = new(StringComparer.Ordinal);
        if (paths.Count == 0 || !Directory.Exists(processes) || !OperatingSystem.IsLinux())
        {
            return written;
        }

        foreach (var process in Directory.EnumerateDirectories(processes).Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            foreach (var handle in List(Path.Combine(process, "fd")))
            {
                if (TargetOf(handle) is { } target && paths.Contains(target) && IsForWriting(Path.Combine(process, "fdinfo", Path.GetFileName(handle))))
                {
                    written.Add(target);
                }
            }
        }

        return written;
    }

    private static string[] List(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Of another user, or gone meanwhile.
            return [];
        }
    }

    private static string? TargetOf(string handle)
    {
        try
        {
            return new FileInfo(handle).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsForWriting(string info)
    {
        try
        {
            var flags = File.ReadLines(info).FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal))?[6..].Trim();

            // Octal; the last two bits say reading, writing or both.
            return flags is { Length: > 0 } && int.TryParse(flags[^1..], NumberStyles.None, CultureInfo.InvariantCulture, out var last) && (last & WriteBits) != 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
