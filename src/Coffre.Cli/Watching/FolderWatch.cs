using System.Collections.Concurrent;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Cli.Transfers;
using Coffre.Client;
using Coffre.Client.Filters;

namespace Coffre.Cli.Watching;

/// <summary>What a look at the folder came to.</summary>
/// <param name="Waiting">Files that are not complete yet, or changed while they were sent.</param>
/// <param name="Unreadable">Folders that could not be looked into.</param>
/// <param name="ExitCode">How sending went.</param>
/// <param name="IsStopped">Whether it was of no use to go on with the next file: service gone, key refused, account full.</param>
internal sealed record WatchRound(int Waiting, int Unreadable, ExitCode ExitCode, bool IsStopped);

/// <summary>Looks through a folder and sends what is complete and was not sent yet.</summary>
internal sealed class FolderWatch(Run run, CoffreClient client, WatchSettings settings, WatchState state)
{
    private readonly Settler _settler = new(settings.Settle);
    private readonly Tidier _tidier = new(run.Report, settings);

    private readonly RetryPauses _pauses = new();

    // What is done with for now; false: it changed while it was sent.
    private readonly ConcurrentDictionary<string, bool> _handled = new(StringComparer.Ordinal);

    public async Task<WatchRound> LookAsync(CancellationToken cancellationToken)
    {
        var tree = new LocalTree(run.Report, followLinks: false);
        List<Seen> found = [];
        Walk(new DirectoryInfo(settings.Folder), "", tree, found);
        _settler.KeepOnly(found.Select(seen => seen.Path).ToHashSet(StringComparer.Ordinal));
        List<Seen> ready = [];
        var waiting = 0;
        var now = run.World.Time.GetUtcNow();
        foreach (var seen in found)
        {
            var note = state.Find(seen.Path, seen.File.Length, seen.Modified);
            if (note is not null && (settings.After is After.Keep || note.Checksum is null))
            {
                // It was sent, and stays here.
                continue;
            }

            // A note is no proof that it is there still: what shall be tidied up goes the way of all others.
            if (_settler.IsStill(seen.Path, seen.File.Length, seen.Modified, now))
            {
                if (_pauses.AreOver(seen.Path, now))
                {
                    ready.Add(seen with { SentAs = note?.Link });
                }
            }
            else
            {
                waiting++;
            }
        }

        var written = OpenFiles.WrittenAmong(ready.Select(seen => seen.File.LocalPath).ToHashSet(StringComparer.Ordinal));
        foreach (var seen in ready.Where(seen => written.Contains(seen.File.LocalPath)))
        {
            _settler.Restart(seen.Path);
            waiting++;
        }

        ready.RemoveAll(seen => written.Contains(seen.File.LocalPath));
        var round = new WatchRound(waiting, tree.Unreadable, ExitCode.Success, IsStopped: false);
        return ready.Count == 0 ? round : await SendAsync(ready, round, cancellationToken);
    }

    private void Walk(DirectoryInfo folder, string path, LocalTree tree, List<Seen> found)
    {
        if (!tree.TryEnter(folder))
        {
            return;
        }

        var (files, folders) = tree.Look(folder);
        if (settings.Filter.MarkerAmong(files.Select(file => file.Name), folders.Select(child => child.Name)) is null)
        {
            var names = files.Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
            found.AddRange(files
                .Where(file => !PartialNames.IsPartial(file.Name) && !PartialNames.IsUnfinished(file.Name, names)
                    && settings.Filter.Judge(new FilterItem(path + file.Name, IsFolder: false, file.Length, file.Modified)).Included)
                .Select(file => new Seen(path + file.Name, file, file.Modified ?? DateTimeOffset.MinValue)));
            foreach (var child in folders.Where(child => settings.Filter.MayHold(path + child.Name)))
            {
                Walk(child, path + child.Name + "/", tree, found);
            }
        }

        tree.Leave(folder);
    }

    private async Task<WatchRound> SendAsync(List<Seen> ready, WatchRound round, CancellationToken cancellationToken)
    {
        // A watch lives long: what it knows of the remote folders is of this look only.
        var account = new Account(client);
        using var index = account.Index;
        if (ready.Exists(seen => seen.SentAs is not null))
        {
            // Long ago, perhaps: only what is there now counts.
            index.Use = IndexUse.Refresh;
        }

        using var tally = new Tally(run);
        await using var progress = run.BeginProgress();
        var byFile = ready.ToDictionary(seen => seen.File);
        var runner = new PutRunner(run, account, settings.IfExists, tally, progress)
        {
            OnThere = (file, there) => Sent(byFile[file], there),
            SentAs = file => byFile[file].SentAs,
        };
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tally.Hopeless);
        try
        {
            await Parallel.ForEachAsync(
                JobsAsync(account, ready, tally, either.Token),
                new ParallelOptions { MaxDegreeOfParallelism = settings.Transfers, CancellationToken = either.Token },
                async (job, token) => await runner.PutAsync(job, token));
        }
        catch (OperationCanceledException) when (tally.Hopeless.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The tally knows why.
        }

        var isStopped = tally.Hopeless.IsCancellationRequested;
        if (!isStopped)
        {
            NoteFailures(ready);
        }

        var changed = _handled.Where(pair => !pair.Value).Select(pair => pair.Key).ToList();
        changed.ForEach(_settler.Restart);
        _handled.Clear();
        return round with { Waiting = round.Waiting + changed.Count, ExitCode = tally.Finish("sent"), IsStopped = isStopped };
    }

    private void NoteFailures(List<Seen> tried)
    {
        foreach (var seen in tried)
        {
            if (_handled.ContainsKey(seen.Path))
            {
                _pauses.Forget(seen.Path);
            }
            else
            {
                _pauses.Add(seen.Path, run.World.Time.GetUtcNow());
            }
        }
    }

    private async IAsyncEnumerable<PutJob> JobsAsync(
        Account account, List<Seen> ready, Tally tally, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var group in ready.GroupBy(seen => seen.Path[..(seen.Path.LastIndexOf('/') + 1)], StringComparer.Ordinal))
        {
            var place = settings.Destination with { Names = [.. settings.Destination.Names, .. group.Key.Split('/', StringSplitOptions.RemoveEmptyEntries)] };
            RemoteNode node;
            try
            {
                node = await account.Index.EnsurePathAsync(place.Names, cancellationToken);
            }
            catch (CoffreException trouble)
            {
                tally.Failed(place.ToString(), trouble);
                continue;
            }

            foreach (var batch in new FolderSender(client).Batches([.. group.Select(seen => seen.File)], file => file.Length, transfers: 1))
            {
                yield return new PutJob(place, node, batch);
            }
        }
    }

    /// <summary>The service has it: noted, and tidied up if it named the checksum and the file is still the one that was sent.</summary>
    private void Sent(Seen seen, RemoteFile there)
    {
        var now = new FileInfo(seen.File.LocalPath);
        if (there.Size != seen.File.Length || !now.Exists || now.Length != seen.File.Length || new DateTimeOffset(now.LastWriteTimeUtc) != seen.Modified)
        {
            run.Report.Note($"{seen.Path} changed while it was being sent; it is sent again when it stands still.");
            _handled[seen.Path] = false;
            return;
        }

        state.Add(new SentNote(seen.Path, seen.File.Length, seen.Modified, there.Link, there.Checksum));
        run.Report.Note($"{seen.Path} is there ({TextStyle.Human(seen.File.Length)}).");
        if (settings.After is not After.Keep)
        {
            if (there.Checksum is null)
            {
                run.Report.Warn($"The service did not confirm size and checksum of {seen.Path}; the local file stays.");
            }
            else if (!_tidier.TryTidy(seen.Path, seen.File.LocalPath))
            {
                // Tried again, after pauses, as what fails on its way.
                return;
            }
            else
            {
                state.Forget(seen.Path);
            }
        }

        _handled[seen.Path] = true;
    }

    /// <param name="Path">Below the folder, with <c>/</c>.</param>
    /// <param name="File">What there is.</param>
    /// <param name="Modified">When it changed last.</param>
    private sealed record Seen(string Path, PutFile File, DateTimeOffset Modified)
    {
        /// <summary>Link under which an earlier look sent it; null if none did.</summary>
        public string? SentAs { get; init; }
    }
}
