namespace Coffre.Client;

/// <summary>
/// Sends files into one remote folder: small ones share a request, one that fails does not take the others along, and what a
/// file replaces goes only after it is safe.
/// </summary>
public sealed class FolderSender(CoffreClient client)
{
    private const int LinksPerCall = 100;
    private const int FewestFiles = 25;
    private const int BatchesEach = 3;

    // Three requests for hundreds of small files instead of three for each. They are read before the request begins, so that none of
    // them can spoil it; this bounds what lies in memory for each transfer.
    private static readonly BatchSize Plenty = new(SmallFile: 1024 * 1024, Bytes: 8 * 1024 * 1024, Files: 200);

    // Where calls are dear, as much goes into one as the protocol takes.
    private static readonly BatchSize Dear = new(SmallFile: 8 * 1024 * 1024, Bytes: 32 * 1024 * 1024, Files: CoffreClient.MaxFilesPerUpload);

    private BatchSize Most => client.CallsAreDear ? Dear : Plenty;

    /// <summary>Whether a file of that many bytes shares a request with others.</summary>
    public bool IsSmall(long length) => length <= Most.SmallFile;

    /// <summary>Groups files, in their order: each group goes with one request.</summary>
    /// <param name="files">Of one folder.</param>
    /// <param name="lengthOf">Bytes of each.</param>
    /// <param name="transfers">How many groups will be on their way at the same time: where calls are cheap, none of them shall be idle.</param>
    public IEnumerable<IReadOnlyList<T>> Batches<T>(IReadOnlyCollection<T> files, Func<T, long> lengthOf, int transfers)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(lengthOf);
        var most = client.CallsAreDear ? Dear : Plenty with { Files = Math.Clamp(files.Count / (transfers * BatchesEach), FewestFiles, Plenty.Files) };
        List<T> batch = [];
        long bytes = 0;
        foreach (var file in files)
        {
            var length = lengthOf(file);
            if (length > most.SmallFile)
            {
                yield return [file];
                continue;
            }

            batch.Add(file);
            bytes += length;
            if (batch.Count >= most.Files || bytes >= most.Bytes)
            {
                yield return batch;
                batch = [];
                bytes = 0;
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    /// <summary>Sends a group with one request, if it can be done with one.</summary>
    /// <param name="node">The folder. It knows of each new file at once.</param>
    /// <param name="files">1 to 500.</param>
    /// <param name="progress">Told the bytes sent so far, all files together. Goes back when files are sent again.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What became of each, in the same order.</returns>
    public async Task<IReadOnlyList<SendOutcome>> SendAsync(
        RemoteNode node, IReadOnlyList<FileToSend> files, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(files);
        var outcomes = new SendOutcome[files.Count];
        List<Ready> ready = [];
        for (var i = 0; i < files.Count; i++)
        {
            try
            {
                ready.Add(new Ready(i, files[i], await OpenAsync(files[i], files.Count > 1, cancellationToken).ConfigureAwait(false)));
            }
            catch (Exception exception) when (IsOfLocalFile(exception))
            {
                outcomes[i] = new SendOutcome(files[i], null, exception);
            }
        }

        if (ready.Count > 0)
        {
            await SendAsync(node, ready, outcomes, progress, cancellationToken).ConfigureAwait(false);
        }

        return outcomes;
    }

    private static async Task<UploadSource> OpenAsync(FileToSend file, bool isWhole, CancellationToken cancellationToken)
    {
        if (file.Content is { } content)
        {
            return UploadSource.FromBytes(content, file.Name);
        }

        var path = file.LocalPath ?? throw new ArgumentException("A file to send needs a path or its content.", nameof(file));
        if (!isWhole)
        {
            return Checked(file, UploadSource.FromFile(path, file.Name));
        }

        return Checked(file, UploadSource.FromBytes(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false), file.Name));
    }

    private static UploadSource Checked(FileToSend file, UploadSource source) => IsAsFound(file) ? source : throw HasChanged(file);

    private async Task SendAsync(RemoteNode node, List<Ready> ready, SendOutcome[] outcomes, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        try
        {
            var options = new UploadOptions
            {
                FolderId = node.Id,
                Existing = [.. ready.SelectMany(file => file.File.Replaces).Select(old => old.Link)],
                Progress = progress,
            };
            var sent = await client.UploadEachAsync([.. ready.Select(file => file.Source)], options, cancellationToken).ConfigureAwait(false);
            await SettleAsync(node, ready, sent, outcomes).ConfigureAwait(false);
        }
        catch (CoffreException trouble) when (ready.Count > 1 && IsOfOneFile(trouble.Error))
        {
            // The service refused them all for the sake of one: halves show which, with few requests.
            var half = ready.Count / 2;
            await SendAsync(node, ready[..half], outcomes, progress, cancellationToken).ConfigureAwait(false);
            var before = ready[..half].Sum(file => file.File.Length);
            await SendAsync(node, ready[half..], outcomes, progress is null ? null : new Onward(progress, before), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsOfLocalFile(exception))
        {
            ready.ForEach(file => outcomes[file.Index] = new SendOutcome(file.File, null, exception));
        }
    }

    /// <summary>The new files are safe: now the old ones of those names may go.</summary>
    private async Task SettleAsync(RemoteNode node, List<Ready> ready, IReadOnlyList<UploadOutcome> sent, SendOutcome[] outcomes)
    {
        List<RemoteFile> gone = [];
        List<RemoteFile> torn = [];
        for (var i = 0; i < ready.Count; i++)
        {
            var file = ready[i].File;
            if (sent[i].Receipt is not { } receipt)
            {
                outcomes[ready[i].Index] = new SendOutcome(file, null, sent[i].Trouble);
                continue;
            }

            var kept = new RemoteFile { Link = receipt.Link, Name = receipt.Name, Size = receipt.Size, Checksum = receipt.Checksum, Arrived = client.Time.GetUtcNow() };
            var isGood = file.Content is not null || IsAsFound(file);
            outcomes[ready[i].Index] = isGood ? new SendOutcome(file, kept, null) : new SendOutcome(file, null, HasChanged(file));
            if (isGood)
            {
                node.Add(kept);
                gone.AddRange(file.Replaces);
            }
            else
            {
                torn.Add(kept);
            }
        }

        await TryRemoveAsync(torn, null).ConfigureAwait(false);
        if (await TryRemoveAsync(gone, node).ConfigureAwait(false) is { } trouble)
        {
            foreach (var file in ready.Where(file => file.File.Replaces.Count > 0 && outcomes[file.Index].Kept is not null))
            {
                outcomes[file.Index] = outcomes[file.Index] with { Warning = $"{file.File.Name} is uploaded, but the file that it replaces could not be removed: {trouble.Message}" };
            }
        }
    }

    private async Task<CoffreException?> TryRemoveAsync(List<RemoteFile> files, RemoteNode? node)
    {
        try
        {
            foreach (var batch in files.Chunk(LinksPerCall))
            {
                // Also after Ctrl-C: two files of one name would be worse than one more request.
                await client.DeleteFilesAsync([.. batch.Select(file => file.Link)], CancellationToken.None).ConfigureAwait(false);
                foreach (var file in batch)
                {
                    node?.Remove(file);
                }
            }

            return null;
        }
        catch (CoffreException trouble)
        {
            return trouble;
        }
    }

    private static bool IsAsFound(FileToSend file) => file.Stamp is not { } stamp || file.LocalPath is null || LocalStamp.Of(file.LocalPath) == stamp;

    private static CoffreException HasChanged(FileToSend file) =>
        new(CoffreError.LocalChanged, $"{file.LocalPath} has changed since it was found; it was not kept.") { Advice = "run the same command again" };

    private static bool IsOfLocalFile(Exception exception) => exception is CoffreException or IOException or UnauthorizedAccessException;

    private static bool IsOfOneFile(CoffreError error) => error is CoffreError.Integrity or CoffreError.LocalChanged or CoffreError.LocalFile
        or CoffreError.TooLarge or CoffreError.BadName or CoffreError.BadRequest or CoffreError.EmptyFile or CoffreError.Refused;

    /// <summary>Counts on from what went before.</summary>
    private sealed class Onward(IProgress<long> whole, long before) : IProgress<long>
    {
        public void Report(long value) => whole.Report(before + value);
    }

    private sealed record Ready(int Index, FileToSend File, UploadSource Source);

    /// <param name="SmallFile">Bytes; what is larger goes alone.</param>
    /// <param name="Bytes">When a batch is full.</param>
    /// <param name="Files">When a batch is full.</param>
    private sealed record BatchSize(long SmallFile, long Bytes, int Files);
}
