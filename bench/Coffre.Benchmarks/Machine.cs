using System.Globalization;
using System.Runtime.InteropServices;

namespace Coffre.Benchmarks;

/// <summary>Where the figures come from and where they go.</summary>
internal static class Machine
{
    /// <summary>Processor model, processor count, operating system kind and runtime, for the head of a result.</summary>
    public static string Description => string.Create(
        CultureInfo.InvariantCulture,
        $"{CpuModel()}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}");

    /// <summary>The folder that Coffre.slnx lies in.</summary>
    public static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Coffre.slnx")))
            {
                folder = folder.Parent;
            }

            return folder?.FullName ?? throw new InvalidOperationException("The benchmarks run from inside the repository, where Coffre.slnx lies.");
        }
    }

    /// <summary>Prints a result page and, if all cases were run, writes it into bench/results of this repository.</summary>
    public static void WriteResult(string name, string text)
    {
        Console.Write(text);
        if (Selection.Part is not null)
        {
            return;
        }

        File.WriteAllText(Path.Combine(Repository, "bench", "results", name + ".md"), text);
    }

    private static string CpuModel()
    {
        const string Source = "/proc/cpuinfo";
        var line = File.Exists(Source)
            ? File.ReadLines(Source).FirstOrDefault(static text => text.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null ? "unknown processor" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
