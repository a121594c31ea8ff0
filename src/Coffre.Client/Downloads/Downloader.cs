using Coffre.Client.Calls;

namespace Coffre.Client.Downloads;

/// <summary>Brings a remote file to a place on disk: into a part file, checked, then under its name.</summary>
internal sealed class Downloader(Wire wire, CoffreClient client)
{
    public RangePump NewPump() => new(wire, client);

    public async Task<DownloadResult> ToFileAsync(RemoteFile file, string path, DownloadOptions options, CancellationToken cancellationToken)
    {
        var partPath = PartFile.PathFor(path, file);
        try
        {
            var (result, wasResumed) = await FillAsync(file, path, partPath, options, cancellationToken).ConfigureAwait(false);
            if (result is null && wasResumed)
            {
                // Perhaps the earlier bytes were damaged on this disk: once more, from the first.
                wire.Options.OnNotice?.Invoke($"{file.Name} does not agree with its checksum. Fetching it again from the start.");
                (result, _) = await FillAsync(file, path, partPath, options with { Resume = false }, cancellationToken).ConfigureAwait(false);
            }

            return result ?? throw new CoffreException(CoffreError.Integrity, $"{file.Name} arrived damaged: its Whirlpool is not the one that the service names.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CoffreException(CoffreError.LocalFile, $"{path} cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Null for the result: it arrived with another checksum, and the part file is gone.</summary>
    private async Task<(DownloadResult? Result, bool WasResumed)> FillAsync(
        RemoteFile file, string path, string partPath, DownloadOptions options, CancellationToken cancellationToken)
    {
        string checksum;
        long resumedFrom;
        var part = await PartFile.OpenAsync(partPath, options.Resume, file.Size, cancellationToken).ConfigureAwait(false);
        await using (part.ConfigureAwait(false))
        {
            resumedFrom = part.Length;
            options.Progress?.Report(resumedFrom);

            // An empty file has nothing to fetch, and no range to ask for.
            if (part.Length < file.Size)
            {
                await PourAsync(file, part, options, cancellationToken).ConfigureAwait(false);
            }

            checksum = part.Finish();
        }

        if (file.Checksum is { } expected && !string.Equals(expected, checksum, StringComparison.Ordinal))
        {
            File.Delete(partPath);
            return (null, resumedFrom > 0);
        }

        File.Move(partPath, path, overwrite: true);
        return (new DownloadResult(path, file.Size, checksum, resumedFrom, file.Checksum is not null), resumedFrom > 0);
    }

    private async Task PourAsync(RemoteFile file, PartFile part, DownloadOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await NewPump().PourAsync(
                file.Link,
                options.Password,
                part.Length,
                end: null,
                file.Size,
                async (bytes, token) =>
                {
                    await part.AppendAsync(bytes, token).ConfigureAwait(false);
                    options.Progress?.Report(part.Length);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (CoffreException trouble) when (trouble.Error == CoffreError.RemoteChanged)
        {
            // These bytes belong to a file that is no more.
            part.Clear();
            throw;
        }
    }
}
