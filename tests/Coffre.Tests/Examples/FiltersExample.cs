using Coffre.Client.Filters;

namespace Backups;

internal static class FiltersExample
{
    /// <summary>The files of a folder that a person's rules take, and for each of the others the rule that left it out.</summary>
    public static IEnumerable<string> Choose(string folder, IEnumerable<string> rules, TextWriter leftOut)
    {
        var filter = PathFilter.FromRules(rules);
        Queue<string> waiting = new([""]);
        while (waiting.TryDequeue(out var path))
        {
            var files = Directory.GetFiles(Path.Combine(folder, path)).Select(file => Path.GetFileName(file)!).ToArray();
            var folders = Directory.GetDirectories(Path.Combine(folder, path)).Select(child => Path.GetFileName(child)!).ToArray();
            if (filter.MarkerAmong(files, folders) is not null)
            {
                continue;
            }

            foreach (var file in files.Select(name => $"{path}/{name}".TrimStart('/')))
            {
                var verdict = filter.Judge(new FilterItem(file));
                if (verdict.Included)
                {
                    yield return file;
                }
                else
                {
                    leftOut.WriteLine($"{file}: {verdict.Rule}");
                }
            }

            foreach (var child in folders.Select(name => $"{path}/{name}".TrimStart('/')).Where(child => filter.MayHold(child)))
            {
                waiting.Enqueue(child);
            }
        }
    }

    /// <summary>A filter of sizes and ages as people write them: <c>10M</c>, <c>30d</c>.</summary>
    public static PathFilter SmallAndNew(string most, string age, DateTimeOffset now) =>
        SizeWord.TryParse(most, out var bytes) && AgeWord.TryParse(age, now, out var span)
            ? PathFilter.Create(new PathFilterOptions { MaxSize = bytes, MaxAge = span }, now)
            : throw new FormatException($"'{most}' or '{age}' is not understood.");
}
