using System.Collections.Concurrent;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Cli.Transfers;
using Coffre.Client;
using Coffre.Client.Filters;

namespace Coffre.Cli.Watching;

/// <summary>What a look at the folder came to.</summary>
/// <param name="Waiting">Files that are not complete yet.</param>
/// <param name="ExitCode">How sending went.</param>
/// <param name="IsStopped">Whether it was of no use to go on with the next file: service gone, key refused, account full.</param>
internal sealed record WatchRound(int Waiting, ExitCode ExitCode, bool IsStopped);

/// <summary>Looks through a folder and sends what is complete and was not sent yet.</summary>
internal sealed class FolderWatch(Run run, CoffreClient client, WatchSettings settings, WatchState state)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMinutes(10);

    private readonly Settler _settler = new(settings.Settle);

    // What failed holds up nothing else: each file has pauses of its own.
    private readonly Dictionary<string, (int Times, DateTimeOffset NotBefore)> _failed = new(StringComparer.Ordinal);
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
            if (state.Find(seen.Path, seen.File.Length, seen.Modified) is not null)
            {
                // Sent by an earlier run that was stopped before it could tidy up.
                Tidy(seen);
            }
            else if (_settler.IsStill(seen.Path, seen.File.Length, seen.Modified, now))
            {
                if (!_failed.TryGetValue(seen.Path, out var failed) || failed.NotBefore <= now)
                {
                    ready.Add(seen);
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
        return ready.Count == 0 ? new WatchRound(waiting, ExitCode.Success, IsStopped: false) : await SendAsync(ready, waiting, cancellationToken);
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

    private async Task<WatchRound> SendAsync(List<Seen> ready, int waiting, CancellationToken cancellationToken)
    {
        // A watch lives long: what it knows of the remote folders is of this look only.
        var account = new Account(client);
        using var index = account.Index;
        using var tally = new Tally(run);
        await using var progress = run.BeginProgress();
        var byFile = ready.ToDictionary(seen => seen.File);
        var runner = new PutRunner(run, account, settings.IfExists, tally, progress) { OnThere = (file, there) => Sent(byFile[file], there) };
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

        _handled.Clear();
        return new WatchRound(waiting, tally.Finish("sent"), isStopped);
    }

    private void NoteFailures(List<Seen> tried)
    {
        foreach (var seen in tried)
        {
            if (_handled.ContainsKey(seen.Path))
            {
                _failed.Remove(seen.Path);
                continue;
            }

            var times = _failed.GetValueOrDefault(seen.Path).Times + 1;
            var pause = FirstRetry * Math.Pow(2, Math.Min(times - 1, 10));
            _failed[seen.Path] = (times, run.World.Time.GetUtcNow() + (pause < LastRetry ? pause : LastRetry));
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

    /// <summary>The service has it, size and checksum agree: noted, and tidied up if the file is still the one that was sent.</summary>
    private void Sent(Seen seen, RemoteFile there)
    {
        _handled[seen.Path] = true;
        var now = new FileInfo(seen.File.LocalPath);
        if (there.Size != seen.File.Length || !now.Exists || now.Length != seen.File.Length || new DateTimeOffset(now.LastWriteTimeUtc) != seen.Modified)
        {
            run.Report.Note($"{seen.Path} changed while it was being sent; it is sent again when it stands still.");
            _settler.Restart(seen.Path);
            return;
        }

        state.Add(new SentNote(seen.Path, seen.File.Length, seen.Modified, there.Link, there.Checksum));
        run.Report.Note($"{seen.Path} is there ({TextStyle.Human(seen.File.Length)}).");
        if (there.Checksum is { Length: > 0 } || settings.After is After.Keep)
        {
            Tidy(seen);
        }
        else
        {
            run.Report.Warn($"The service told no checksum of {seen.Path}; the local file stays.");
        }
    }

    private void Tidy(Seen seen)
    {
        try
        {
            switch (settings.After)
            {
                case After.Delete:
                    File.Delete(seen.File.LocalPath);
                    break;
                case After.Move:
                    var target = Path.Combine(settings.MoveTo!, seen.Path);
                    var folder = Path.GetDirectoryName(target)!;
                    Directory.CreateDirectory(folder);
                    var name = Path.GetFileName(target);
                    File.Move(seen.File.LocalPath, Path.Combine(folder, Path.Exists(target) ? IfExistsFlag.FreeName(name, taken => Path.Exists(Path.Combine(folder, taken))) : name));
                    break;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            run.Report.Warn($"{seen.Path} is sent, but could not be tidied up here: {exception.Message}");
        }
    }

    /// <param name="Path">Below the folder, with <c>/</c>.</param>
    /// <param name="File">What there is.</param>
    /// <param name="Modified">When it changed last.</param>
    private sealed record Seen(string Path, PutFile File, DateTimeOffset Modified);
}
