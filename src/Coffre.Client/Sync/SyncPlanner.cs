using System.Globalization;

namespace Coffre.Client.Sync;

/// <summary>Compares two trees and says what has to be done.</summary>
/// <param name="options">How.</param>
/// <param name="source">What shall be.</param>
/// <param name="destination">What is.</param>
/// <param name="checksum">Reads a local file for its Whirlpool.</param>
internal sealed class SyncPlanner(SyncOptions options, SyncTree source, SyncTree destination, Func<SyncFile, CancellationToken, Task<string>> checksum)
{
    private const int ReadersAtOnce = 4;

    // What file systems and clocks of both sides keep alike.
    private static readonly TimeSpan SameTime = TimeSpan.FromMilliseconds(1);

    private readonly Dictionary<SyncFile, string> _checksums = new(ReferenceEqualityComparer.Instance);
    private readonly List<SyncProblem> _problems = [.. source.Problems, .. destination.Problems];
    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);
    private readonly List<SyncAction> _changes = [];
    private readonly HashSet<string> _aboveUntouched = source.Untouched.Concat(destination.Untouched).SelectMany(SyncTree.Above).ToHashSet(StringComparer.Ordinal);
    private readonly HashSet<string> _blockers = new(StringComparer.Ordinal);
    private int _same;

    public async Task<SyncPlan> PlanAsync(CancellationToken cancellationToken)
    {
        var wanted = source.Files.Values.Where(IsTouched).OrderBy(file => file.Path, StringComparer.Ordinal).ToArray();
        var fresh = wanted.Where(file => !destination.Files.ContainsKey(file.Path)).ToList();
        var pairs = wanted.Where(file => destination.Files.ContainsKey(file.Path)).Select(file => (Source: file, Target: destination.Files[file.Path])).ToArray();
        var orphans = destination.Files.Values.Where(file => !source.Files.ContainsKey(file.Path)).Concat(destination.Doubles)
            .Where(file => IsTouched(file) && !IsUncertain(file.Path)).OrderBy(file => file.Path, StringComparer.Ordinal).ToList();
        await ReadAsync(Readable(pairs, fresh, orphans), cancellationToken).ConfigureAwait(false);

        fresh.RemoveAll(file => _broken.Contains(file.Path) || IsBlocked(file.Path, orphans));
        var kept = FindMoved(fresh, orphans);
        foreach (var (from, to) in pairs)
        {
            Compare(from, to);
        }

        foreach (var file in fresh)
        {
            _changes.Add(new SyncAction(SyncActionKind.Transfer, file.Path, "new") { Size = file.Size, Source = file });
        }

        return Conclude(FolderActions(orphans), Deletions(orphans.Except(kept).ToList()));
    }

    private bool IsTouched(SyncFile file) => !IsUntouched(file.Path);

    private bool IsUntouched(string path) => source.IsUntouched(path) || destination.IsUntouched(path);

    private bool IsUncertain(string path) => source.Uncertain.Count > 0 && (source.Uncertain.Contains("") || SyncTree.Above(path).Any(source.Uncertain.Contains));

    /// <summary>Local files whose checksum decides something.</summary>
    private IEnumerable<SyncFile> Readable((SyncFile Source, SyncFile Target)[] pairs, List<SyncFile> fresh, List<SyncFile> orphans)
    {
        var compared = options.IgnoreExisting || options.Comparison is SyncComparison.SizeOnly
            ? []
            : pairs.Where(pair => pair.Source.Size == pair.Target.Size && pair.Source.Size > 0 && (options.Comparison is SyncComparison.Checksum || !HaveSameTime(pair.Source, pair.Target)))
                .SelectMany(pair => new[] { pair.Source, pair.Target });
        var sizes = fresh.Select(file => file.Size).Where(size => size > 0).Intersect(orphans.Select(file => file.Size)).ToHashSet();
        return compared.Concat(fresh.Concat(orphans).Where(file => sizes.Contains(file.Size))).Where(file => file.LocalPath is not null);
    }

    private async Task ReadAsync(IEnumerable<SyncFile> files, CancellationToken cancellationToken)
    {
        var degree = new ParallelOptions { MaxDegreeOfParallelism = ReadersAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(files, degree, async (file, token) =>
        {
            try
            {
                var digest = await checksum(file, token).ConfigureAwait(false);
                lock (_checksums)
                {
                    _checksums[file] = digest;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CoffreException)
            {
                lock (_checksums)
                {
                    _broken.Add(file.Path);
                    _problems.Add(new SyncProblem(file.Path, exception));
                }
            }
        }).ConfigureAwait(false);
    }

    private string? ChecksumOf(SyncFile file) => file.Checksum ?? _checksums.GetValueOrDefault(file);

    private static bool HaveSameTime(SyncFile one, SyncFile other) => one.Modified is { } first && other.Modified is { } second && (first - second).Duration() < SameTime;

    private void Compare(SyncFile from, SyncFile to)
    {
        if (_broken.Contains(from.Path))
        {
            return;
        }

        if (options.IgnoreExisting || (options.Comparison is SyncComparison.SizeOnly && from.Size == to.Size))
        {
            _same++;
        }
        else if (from.Size != to.Size)
        {
            Replace(from, to, "another size");
        }
        else if (options.Comparison is not SyncComparison.Checksum && HaveSameTime(from, to))
        {
            NoteIfNeeded(from, to);
        }
        else if (from.Size == 0 || (ChecksumOf(from) is { } mine && mine == ChecksumOf(to)))
        {
            NoteIfNeeded(from, to);
        }
        else
        {
            Replace(from, to, ChecksumOf(from) is null || ChecksumOf(to) is null ? "no checksum to compare" : "other content");
        }
    }

    private void Replace(SyncFile from, SyncFile to, string reason) =>
        _changes.Add(new SyncAction(SyncActionKind.Transfer, from.Path, reason) { Size = from.Size, Source = from, Target = to });

    private void NoteIfNeeded(SyncFile from, SyncFile to)
    {
        var reason = from.Modified is not null && !HaveSameTime(from, to) ? (to.Modified is null ? "time not known there" : "another time")
            : HaveOtherMode(from.Mode, to.Mode, to.LocalPath is not null) ? "other permissions"
            : null;
        if (reason is null)
        {
            _same++;
            return;
        }

        _changes.Add(new SyncAction(SyncActionKind.Note, from.Path, reason) { Size = from.Size, Source = from, Target = to });
    }

    // A system without permissions cannot be brought up to date.
    private static bool HaveOtherMode(int? wanted, int? there, bool isLocal) => wanted is { } mode && mode != there && !(isLocal && there is null);

    /// <summary>Whether something of another kind stands where a file or folder shall be, and may not go.</summary>
    private bool IsBlocked(string path, List<SyncFile> orphans, bool isFolder = false)
    {
        var file = SyncTree.Above(path).Concat(isFolder ? [path] : []).FirstOrDefault(destination.Files.ContainsKey);
        var inTheWay = file ?? (!isFolder && destination.Folders.ContainsKey(path) ? path : null);
        if (inTheWay is null || _blockers.Contains(inTheWay))
        {
            return false;
        }

        var all = destination.Files.Keys.Where(other => other == inTheWay || other.StartsWith(inTheWay + "/", StringComparison.Ordinal)).ToArray();
        if (options.Deletes && _problems.Count == 0 && !IsUntouchedBelow(inTheWay) && all.All(other => orphans.Exists(orphan => orphan.Path == other)))
        {
            _blockers.Add(inTheWay);
            return false;
        }

        _problems.Add(new SyncProblem(path, new CoffreException(CoffreError.Conflict, $"A {(file is null ? "folder" : "file")} called '{inTheWay}' stands in the way.")
        {
            Advice = options.Deletes ? "move it away: it, or something in it, must not be touched" : "move it away, or say sync --delete",
        }));
        return true;
    }

    private bool IsUntouchedBelow(string path) => _aboveUntouched.Contains(path);

    /// <summary>Finds new files whose content lies at the destination under a path that is gone. They leave <paramref name="fresh"/>.</summary>
    /// <returns>Files that are moved, so that they must not be deleted.</returns>
    private List<SyncFile> FindMoved(List<SyncFile> fresh, List<SyncFile> orphans)
    {
        var there = orphans.Where(file => file.Size > 0 && ChecksumOf(file) is not null && !IsInTheWay(file.Path))
            .GroupBy(file => (file.Size, ChecksumOf(file))).ToDictionary(group => group.Key, group => group.ToList());
        List<SyncFile> moved = [];
        foreach (var file in fresh.ToArray())
        {
            if (file.Size == 0 || ChecksumOf(file) is not { } digest || !there.TryGetValue((file.Size, digest), out var same) || same.Count == 0)
            {
                continue;
            }

            var from = same.Find(other => SyncTree.NameOf(other.Path) == SyncTree.NameOf(file.Path)) ?? same[0];
            var (kind, reason) = options.Deletes ? (SyncActionKind.Move, "the same content lies there under a path that is gone") : (SyncActionKind.Copy, "the same content lies there already");
            _changes.Add(new SyncAction(kind, file.Path, reason) { From = from.Path, Size = file.Size, Source = file, Target = from });
            fresh.Remove(file);
            if (options.Deletes)
            {
                same.Remove(from);
                moved.Add(from);
            }
        }

        return moved;
    }

    private bool IsInTheWay(string path) => _blockers.Count > 0 && (_blockers.Contains(path) || SyncTree.Above(path).Any(_blockers.Contains));

    /// <summary>Folders that are made, get other permissions, or go.</summary>
    private List<SyncAction> FolderActions(List<SyncFile> orphans)
    {
        List<SyncAction> actions = [];
        foreach (var folder in source.Folders.Values.Where(folder => !IsUntouched(folder.Path)).OrderBy(folder => folder.Path, StringComparer.Ordinal))
        {
            if (!destination.Folders.TryGetValue(folder.Path, out var there))
            {
                if (!IsBlocked(folder.Path, orphans, isFolder: true))
                {
                    actions.Add(new SyncAction(SyncActionKind.MakeFolder, folder.Path, "new") { Mode = folder.Mode });
                }
            }
            // A folder of usual permissions needs no note.
            else if (!options.IgnoreExisting && folder.Mode is { } mode && mode != (there.Mode ?? SyncFolder.UsualMode))
            {
                actions.Add(new SyncAction(SyncActionKind.NoteFolder, folder.Path, "other permissions") { Mode = folder.Mode });
            }
        }

        return actions;
    }

    private List<SyncAction> Deletions(List<SyncFile> doomed)
    {
        if (!options.Deletes)
        {
            return [];
        }

        var needed = source.Files.Keys.SelectMany(SyncTree.Above).ToHashSet(StringComparer.Ordinal);
        var folders = destination.Folders.Keys.Where(path => !source.Folders.ContainsKey(path) && !needed.Contains(path) && !IsUntouched(path) && !IsUntouchedBelow(path) && !IsUncertain(path));
        return
        [
            .. doomed.Select(file => new SyncAction(SyncActionKind.Delete, file.Path, destination.Files.GetValueOrDefault(file.Path) == file ? "not in the source" : "an older file of this name")
            {
                Size = file.Size,
                Target = file,
                IsInTheWay = IsInTheWay(file.Path),
            }),
            .. folders.OrderByDescending(path => path.Count(letter => letter == '/')).ThenBy(path => path, StringComparer.Ordinal)
                .Select(path => new SyncAction(SyncActionKind.DeleteFolder, path, "not in the source") { IsInTheWay = IsInTheWay(path) }),
        ];
    }

    private SyncPlan Conclude(List<SyncAction> folders, List<SyncAction> deletions)
    {
        // What could not be read may be what is missing: nothing goes until it can.
        deletions = _problems.Count > 0 ? [] : deletions;
        var files = deletions.Count(action => action.Kind is SyncActionKind.Delete);
        return new SyncPlan
        {
            Actions = [.. deletions.Where(action => action.IsInTheWay), .. folders, .. _changes.OrderBy(action => action.Kind).ThenBy(action => action.Path, StringComparer.Ordinal), .. deletions.Where(action => !action.IsInTheWay)],
            Stop = files == 0 ? null : FindStop(files),
            Source = SideOf(source),
            Destination = SideOf(destination),
            Same = _same,
            Problems = [.. _problems.OrderBy(problem => problem.Path, StringComparer.Ordinal).Select(problem => (problem.Path, problem.Trouble))],
        };
    }

    private SyncStop? FindStop(int files)
    {
        var there = destination.Files.Count + destination.Doubles.Count;
        if (source.Files.Count == 0)
        {
            return new SyncStop(
                string.Create(CultureInfo.InvariantCulture, $"The source is empty, and all {files} files at the destination would go."),
                "check that the source is what you mean and that its disk is mounted; to empty the destination, remove it itself");
        }

        if (files > options.MaxDelete)
        {
            return new SyncStop(
                string.Create(CultureInfo.InvariantCulture, $"{files} files would be deleted, and {options.MaxDelete} is the most."),
                string.Create(CultureInfo.InvariantCulture, $"look at them with --dry-run; if it is meant so, say --max-delete {files}"));
        }

        var percent = 100.0 * files / there;
        return percent <= options.MaxDeletePercent ? null : new SyncStop(
            string.Create(CultureInfo.InvariantCulture, $"{files} of {there} files would be deleted, which is more than {options.MaxDeletePercent} %."),
            string.Create(CultureInfo.InvariantCulture, $"look at them with --dry-run; if it is meant so, say --max-delete-percent {Math.Min(100, Math.Ceiling(percent))}"));
    }

    private static SyncSide SideOf(SyncTree tree) => new(tree.Files.Count, tree.Bytes, tree.Fingerprint());
}
