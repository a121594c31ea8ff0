namespace Coffre.Client.Sync;

/// <summary>How much of two files is compared.</summary>
public enum CheckDepth
{
    /// <summary>Sizes.</summary>
    Size,

    /// <summary>Sizes and Whirlpool: local files are read, of remote ones the service's word counts.</summary>
    Checksum,

    /// <summary>Contents: remote files are fetched and their bytes digested.</summary>
    Download,
}

/// <summary>What was found of one path.</summary>
public enum CheckState
{
    /// <summary>The same on both sides.</summary>
    Same,

    /// <summary>The destination alone has it.</summary>
    MissingInSource,

    /// <summary>The source alone has it.</summary>
    MissingInDestination,

    /// <summary>Both have it, and it differs.</summary>
    Different,

    /// <summary>It could not be read or compared.</summary>
    Error,
}

/// <param name="Path">Relative to the top.</param>
/// <param name="State">What was found.</param>
/// <param name="Reason">What differs, or went wrong; null if nothing.</param>
public sealed record CheckLine(string Path, CheckState State, string? Reason = null);

/// <summary>Compares two trees, wherever they lie. Changes nothing.</summary>
public sealed class TreeCheck(CheckSide source, CheckSide destination)
{
    private const int FilesAtOnce = 4;

    /// <summary>Compares file by file.</summary>
    /// <param name="depth">How much.</param>
    /// <param name="isOneWay">Whether it does not matter what the destination alone has.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>A line for each path, in ordinal order.</returns>
    public async Task<IReadOnlyList<CheckLine>> RunAsync(CheckDepth depth, bool isOneWay, CancellationToken cancellationToken = default)
    {
        var (from, to) = (await source.ReadAsync(cancellationToken).ConfigureAwait(false), await destination.ReadAsync(cancellationToken).ConfigureAwait(false));
        List<CheckLine> lines = [.. from.Problems.Concat(to.Problems).Select(problem => new CheckLine(problem.Path, CheckState.Error, problem.Trouble.Message))];
        var paths = from.Files.Keys.Union(to.Files.Keys, StringComparer.Ordinal).Where(path => !from.IsUntouched(path) && !to.IsUntouched(path));
        var degree = new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(paths, degree, async (path, token) =>
        {
            var line = (from.Files.GetValueOrDefault(path), to.Files.GetValueOrDefault(path)) switch
            {
                (null, _) => isOneWay ? null : new CheckLine(path, CheckState.MissingInSource),
                (_, null) => new CheckLine(path, CheckState.MissingInDestination),
                var (one, other) => await CompareAsync(one, other, depth, token).ConfigureAwait(false),
            };
            lock (lines)
            {
                lines.AddRange(line is null ? [] : [line]);
            }
        }).ConfigureAwait(false);
        return [.. lines.OrderBy(line => line.Path, StringComparer.Ordinal)];
    }

    private async Task<CheckLine> CompareAsync(SyncFile one, SyncFile other, CheckDepth depth, CancellationToken cancellationToken)
    {
        if (one.Size != other.Size)
        {
            return new CheckLine(one.Path, CheckState.Different, $"{one.Size} bytes in the source, {other.Size} in the destination");
        }

        if (depth is CheckDepth.Size)
        {
            return new CheckLine(one.Path, CheckState.Same);
        }

        try
        {
            var mine = await source.ChecksumAsync(one, depth, cancellationToken).ConfigureAwait(false);
            var theirs = await destination.ChecksumAsync(other, depth, cancellationToken).ConfigureAwait(false);
            return (mine, theirs) switch
            {
                (null, _) or (_, null) => new CheckLine(one.Path, CheckState.Error, "the service names no checksum (--download compares contents)"),
                _ when mine == theirs => new CheckLine(one.Path, CheckState.Same),
                _ => new CheckLine(one.Path, CheckState.Different, "other content"),
            };
        }
        catch (Exception exception) when (exception is CoffreException or IOException or UnauthorizedAccessException)
        {
            return new CheckLine(one.Path, CheckState.Error, exception.Message);
        }
    }
}
