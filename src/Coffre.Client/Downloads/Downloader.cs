using Coffre.Client.Calls;

namespace Coffre.Client.Downloads;

/// <summary>Brings a remote file to a place on disk: into a part file, checked, then under its name.</summary>
internal sealed class Downloader(Wire wire, CoffreClient client)
{
    public async Task<DownloadResult> ToFileAsync(RemoteFile file, string path, DownloadOptions options, CancellationToken cancellationToken)
    {
        var partPath = PartFile.PathFor(path, file);
        try
        {
            var first = await FillAsync(file, path, partPath, options, cancellationToken).ConfigureAwait(false);
            var result = first;
            if (!result.IsRight && result.EarlierBytes > 0)
            {
                // Perhaps the earlier bytes were damaged on this disk: once more, from the first.
                wire.Options.OnNotice?.Invoke($"{file.Name} does not agree with its checksum. Fetching it again from the start.");
                result = await FillAsync(file, path, partPath, options with { Resume = false }, cancellationToken).ConfigureAwait(false);
                result = result with { Received = first.Received + result.Received };
            }

            if (!result.IsRight)
            {
                throw new CoffreException(CoffreError.Integrity, $"{file.Name} arrived damaged: its Whirlpool is not the one that the service names.");
            }

            if (result.IsSynced && options.WillReplace is null)
            {
                wire.Options.Disk.Keep(partPath, path, overwrite: true);
            }
            else
            {
                wire.Options.Disk.Rename(partPath, path, overwrite: true);
            }

            return new DownloadResult(path, file.Size, result.Checksum, result.EarlierBytes, file.Checksum is not null)
            {
                Received = result.Received,
                Ranges = result.Ranges,
                IsSynced = result.IsSynced,
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CoffreException(CoffreError.LocalFile, $"{path} cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Pours a range into a stream, to the end of the file where none is named.</summary>
    /// <returns>Bytes written.</returns>
    public async Task<long> ToStreamAsync(
        string link, Stream destination, long start, long? end, DownloadOptions? options, CancellationToken cancellationToken)
    {
        var sink = new StreamSink(destination, options?.Progress);
        using var source = new DownloadSource(client, link, options?.Password, size: null);
        await new RangePump(wire, source, sink).PourAsync(start, end, cancellationToken).ConfigureAwait(false);
        return sink.Written;
    }

    private async Task<Filled> FillAsync(RemoteFile file, string path, string partPath, DownloadOptions options, CancellationToken cancellationToken)
    {
        Filled filled;
        var part = PartFile.Open(partPath, options.Resume, file, options.Progress, wire.Options);
        await using (part.ConfigureAwait(false))
        {
            using var source = new DownloadSource(client, file.Link, options.Password, file.Size, part.Tag);
            var team = new RangeTeam(wire, source, part, file);
            try
            {
                // An empty file has nothing to fetch, and no range to ask for.
                await team.FillAsync(options.Ranges, cancellationToken).ConfigureAwait(false);
            }
            catch (CoffreException trouble) when (trouble.Error == CoffreError.RemoteChanged)
            {
                // These bytes belong to a file that is no more.
                await part.ClearAsync().ConfigureAwait(false);
                throw;
            }

            var checksum = await part.FinishAsync(replaces: options.WillReplace ?? File.Exists(path), cancellationToken).ConfigureAwait(false);
            var isRight = file.Checksum is not { } expected || string.Equals(expected, checksum, StringComparison.Ordinal);
            filled = new Filled(checksum, isRight, part.EarlierBytes, source.Received, team.Ranges, part.IsSynced);
        }

        if (!filled.IsRight)
        {
            File.Delete(partPath);
        }

        return filled;
    }

    /// <summary>A part file to which every byte came.</summary>
    private sealed record Filled(string Checksum, bool IsRight, long EarlierBytes, long Received, int Ranges, bool IsSynced);
}
