namespace Coffre.Cli.Watching;

/// <summary>How long files rest that could not be sent. What failed holds up nothing else: each has pauses of its own, which grow.</summary>
internal sealed class RetryPauses
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Last = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, (int Times, DateTimeOffset NotBefore)> _failed = new(StringComparer.Ordinal);

    /// <summary>Whether it may be tried now.</summary>
    public bool AreOver(string path, DateTimeOffset now) => !_failed.TryGetValue(path, out var failed) || failed.NotBefore <= now;

    /// <summary>It failed, perhaps once more.</summary>
    public void Add(string path, DateTimeOffset now)
    {
        var times = _failed.GetValueOrDefault(path).Times + 1;
        var pause = First * Math.Pow(2, Math.Min(times - 1, 10));
        _failed[path] = (times, now + (pause < Last ? pause : Last));
    }

    /// <summary>It is done with.</summary>
    public void Forget(string path) => _failed.Remove(path);
}
