namespace Coffre.Client.Sync;

/// <summary>Brings the files of one folder up: large ones alone, small ones together, the sidecar with the last of them.</summary>
internal sealed class FolderUp(CoffreClient client, SidecarWriter sidecars, RemoteFolderSide folder, SemaphoreSlim slots, bool isTop)
{
    public required Action<string, Exception> Failed { get; init; }

    public required Action<SyncAction, RemoteFile?> Done { get; init; }

    public required SyncOptions Options { get; init; }

    public async Task SendAsync(IReadOnlyList<SyncAction> actions, CancellationToken cancellationToken)
    {
        foreach (var action in actions.Where(action => action.Kind is SyncActionKind.Note))
        {
            Note(action);
        }

        if (folder.Notes.IsForeign)
        {
            Options.Listener?.Warn($"Times and permissions of {(folder.Path.Length == 0 ? "the top folder" : folder.Path)} are not kept, for its {Sidecar.FileName} is not ours.");
        }

        var transfers = actions.Where(action => action.Kind is SyncActionKind.Transfer && !TryNoteEmpty(action)).Where(IsFree).ToArray();
        var large = Batches([.. transfers.Where(action => !sidecars.Sender.IsSmall(action.Size))]);
        var small = Batches([.. transfers.Where(action => sidecars.Sender.IsSmall(action.Size))]).ToList();
        var before = large.Concat(small.SkipLast(1));
        var degree = new ParallelOptions { MaxDegreeOfParallelism = Options.Transfers, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(before, degree, async (batch, token) => await SendAsync(batch, isLast: false, token).ConfigureAwait(false)).ConfigureAwait(false);
        if (small.Count > 0)
        {
            await SendAsync(small[^1], isLast: true, cancellationToken).ConfigureAwait(false);
        }

        if (folder.Notes is { IsChanged: true, IsForeign: false })
        {
            await sidecars.WriteAsync(folder, cancellationToken).ConfigureAwait(false);
        }

        await RemoveReplacedByNotesAsync(actions).ConfigureAwait(false);
    }

    private IEnumerable<IReadOnlyList<SyncAction>> Batches(SyncAction[] transfers) => sidecars.Sender.Batches(transfers, action => action.Size, Options.Transfers);

    private void Note(SyncAction action)
    {
        var (source, there) = (action.Source!, action.Target!);
        folder.Notes.Note(SyncUp.NoteOf(source, there.Remote?.Name ?? RemoteNameOf(action), there.Remote?.Checksum));
        Done(action, there.Remote);
    }

    /// <summary>1fichier.com takes no files without content: the sidecar stands for them.</summary>
    private bool TryNoteEmpty(SyncAction action)
    {
        if (action.Size > 0 || !client.IsOneFichier)
        {
            return false;
        }

        if (folder.Notes.IsForeign)
        {
            Failed(action.Path, new CoffreException(CoffreError.EmptyFile, "1fichier.com takes no empty files, and there is no sidecar that could stand for it."));
            return true;
        }

        folder.Notes.Note(SyncUp.NoteOf(action.Source!, RemoteNameOf(action), null));
        Done(action, null);
        return true;
    }

    /// <summary>Files with content that became empty ones: the sidecar that stands for them is safe now.</summary>
    private async Task RemoveReplacedByNotesAsync(IReadOnlyList<SyncAction> actions)
    {
        RemoteFile[] old = [.. actions.Where(action => action.Kind is SyncActionKind.Transfer && action.Size == 0 && client.IsOneFichier).Select(action => action.Target?.Remote).OfType<RemoteFile>()];
        if (old.Length == 0 || folder.Notes.IsChanged || folder.Notes.IsForeign)
        {
            return;
        }

        // Also after Ctrl-C: the old content under that name would come back.
        await client.DeleteFilesAsync([.. old.Select(file => file.Link)], CancellationToken.None).ConfigureAwait(false);
        Array.ForEach(old, folder.Node.Remove);
    }

    private bool IsFree(SyncAction action)
    {
        if (folder.Node.FindFolder(NameEncoding.Decode(RemoteNameOf(action))) is null)
        {
            return true;
        }

        Failed(action.Path, new CoffreException(CoffreError.Conflict, "A folder of this name stands there."));
        return false;
    }

    private async Task SendAsync(IReadOnlyList<SyncAction> batch, bool isLast, CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        var name = SyncTree.NameOf(batch[0].Path);
        var meter = Options.Listener?.Begin(batch.Count == 1 ? name : $"{name} and {batch.Count - 1} more", batch.Sum(action => action.Size));
        try
        {
            var files = await ReadAsync(batch, cancellationToken).ConfigureAwait(false);
            if (isLast && sidecars.Compose(folder, files.Select(file => file.Name).ToHashSet(StringComparer.Ordinal)) is { } sidecar && files.Count < CoffreClient.MaxFilesPerUpload)
            {
                files.Add(sidecar);
            }

            if (files.Count > 0)
            {
                // The sidecar first: what the service says of the others may be news to it.
                var outcomes = await sidecars.Sender.SendAsync(folder.Node, files, meter, cancellationToken).ConfigureAwait(false);
                foreach (var outcome in outcomes.OrderBy(outcome => outcome.File.Tag is SyncAction))
                {
                    Settle(outcome);
                }
            }
        }
        finally
        {
            (meter as IDisposable)?.Dispose();
            slots.Release();
        }
    }

    /// <summary>Small files are read here, so that the sidecar that goes with them can name their checksums.</summary>
    private async Task<List<FileToSend>> ReadAsync(IReadOnlyList<SyncAction> batch, CancellationToken cancellationToken)
    {
        List<FileToSend> files = [];
        foreach (var action in batch)
        {
            var file = new FileToSend
            {
                Name = RemoteNameOf(action),
                Length = action.Size,
                LocalPath = action.Source!.LocalPath,
                Stamp = action.Source.Stamp,
                Replaces = action.Target?.Remote is { } old ? [old] : [],
                Tag = action,
            };
            try
            {
                files.Add(sidecars.Sender.IsSmall(action.Size) ? await ReadAsync(action, file, cancellationToken).ConfigureAwait(false) : file);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CoffreException)
            {
                Failed(action.Path, exception);
            }
        }

        return files;
    }

    private async Task<FileToSend> ReadAsync(SyncAction action, FileToSend file, CancellationToken cancellationToken)
    {
        var content = await File.ReadAllBytesAsync(file.LocalPath!, cancellationToken).ConfigureAwait(false);
        if (content.Length != file.Length || LocalStamp.Of(file.LocalPath!) != file.Stamp)
        {
            throw new CoffreException(CoffreError.LocalChanged, $"{file.LocalPath} has changed since it was found; it was not kept.") { Advice = "run the same command again" };
        }

        folder.Notes.Note(SyncUp.NoteOf(action.Source!, file.Name, LocalChecksum.Of(content)));
        return file with { Content = content };
    }

    private void Settle(SendOutcome outcome)
    {
        if (outcome.Warning is { } warning)
        {
            Options.Listener?.Warn(warning);
        }

        if (outcome.File.Tag is not SyncAction action)
        {
            // A sidecar that did not go with the others goes alone, or fails alone.
            if (outcome.Kept is not null)
            {
                sidecars.Written(folder, outcome);
            }

            return;
        }

        if (outcome.Kept is not { } kept)
        {
            Failed(action.Path, outcome.Trouble!);
            return;
        }

        folder.Notes.Note(SyncUp.NoteOf(action.Source!, kept.Name, kept.Checksum));
        Done(action, kept);
    }

    private string RemoteNameOf(SyncAction action) => action.Target?.Remote?.Name ?? RemoteNames.Of(SyncTree.NameOf(action.Path), isTop && folder.Path.Length == 0);
}
