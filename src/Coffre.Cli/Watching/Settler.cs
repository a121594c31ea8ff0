namespace Coffre.Cli.Watching;

/// <summary>Knows which files have stood still for long enough to be complete.</summary>
internal sealed class Settler(TimeSpan settle)
{
    private readonly Dictionary<string, (long Size, DateTimeOffset Modified, DateTimeOffset Since)> _seen = new(StringComparer.Ordinal);

    /// <summary>Notes what a file looks like; true if it has looked so for the whole span. The date of the file alone is no proof: copies keep old ones.</summary>
    public bool IsStill(string path, long size, DateTimeOffset modified, DateTimeOffset now)
    {
        if (!_seen.TryGetValue(path, out var seen) || seen.Size != size || seen.Modified != modified || seen.Since > now)
        {
            _seen[path] = seen = (size, modified, now);
        }

        return now - seen.Since >= settle;
    }

    /// <summary>It has to stand still again.</summary>
    public void Restart(string path) => _seen.Remove(path);

    /// <summary>Forgets files that are no longer there.</summary>
    public void KeepOnly(IReadOnlySet<string> paths)
    {
        foreach (var gone in _seen.Keys.Where(path => !paths.Contains(path)).ToArray())
        {
            _seen.Remove(gone);
        }
    }
}
