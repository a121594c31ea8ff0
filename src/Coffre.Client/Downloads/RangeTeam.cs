using Coffre.Client.Calls;

namespace Coffre.Client.Downloads;

/// <summary>Fetches what a part file lacks, by several ranges side by side where that is allowed and worth it.</summary>
/// <remarks>
/// The file is cut into pieces that are taken in order, so that the digest can follow closely. A range that the service refuses or that
/// breaks for good leaves its piece to the others; only when the last one fails does the download.
/// </remarks>
internal sealed class RangeTeam(Wire wire, DownloadSource source, PartFile part, RemoteFile file)
{
    /// <summary>Smaller files come by one range.</summary>
    public const long LeastSize = 32L * 1024 * 1024;

    private const int PiecesEach = 4;
    private const long SmallestPiece = 4L * 1024 * 1024;
    private const long LargestPiece = 64L * 1024 * 1024;

    // A coffre-server, and what JDownloader takes for a file on 1fichier.com.
    private const int Usual = 4;
    private const int UsualOnOneFichier = 3;

    private readonly Lock _gate = new();
    private readonly List<Extent> _pieces = [];
    private int _working;

    /// <summary>Most ranges that were on their way at once.</summary>
    public int Ranges { get; private set; } = 1;

    /// <param name="wish">How many ranges; null chooses.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task FillAsync(int? wish, CancellationToken cancellationToken)
    {
        var holes = part.Holes();
        if (holes.Count == 0)
        {
            return;
        }

        if (file.Size >= LeastSize || wish is > 1)
        {
            // Only what a service answers tells whether it bears more than one.
            await source.GetAddressAsync(spent: null, cancellationToken).ConfigureAwait(false);
            if (Choose(wish) is > 1 and var ranges && Cut(holes, ranges) > 1)
            {
                part.BeginMap(source);
                await FillTogetherAsync(Math.Min(ranges, _pieces.Count), cancellationToken).ConfigureAwait(false);
                holes = part.Holes();
            }
        }

        foreach (var hole in holes)
        {
            var isLast = hole.End == file.Size;
            await new RangePump(wire, source, part).PourAsync(hole.Start, isLast ? null : hole.End, cancellationToken).ConfigureAwait(false);
        }
    }

    private int Choose(int? wish)
    {
        // A service with 1fichier's limits that is not 1fichier.com gives one connection for a file.
        if (wire.Budget.IsTight && !wire.Address.IsOneFichier)
        {
            return 1;
        }

        return wish ?? (wire.Address.IsOneFichier ? UsualOnOneFichier : Usual);
    }

    private int Cut(IReadOnlyList<Extent> holes, int ranges)
    {
        var missing = holes.Sum(hole => hole.Length);
        var size = Math.Clamp(missing / (ranges * PiecesEach), Math.Min(SmallestPiece, Math.Max(1, missing / ranges)), LargestPiece);
        foreach (var hole in holes)
        {
            for (var start = hole.Start; start < hole.End; start += size)
            {
                _pieces.Add(new Extent(start, Math.Min(start + size, hole.End)));
            }
        }

        return _pieces.Count;
    }

    private async Task FillTogetherAsync(int ranges, CancellationToken cancellationToken)
    {
        (Ranges, _working) = (ranges, ranges);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var workers = Enumerable.Range(0, ranges).Select(_ => Task.Run(() => WorkAsync(stop), CancellationToken.None)).ToArray();
        Exception? failure = null;
        await foreach (var worker in Task.WhenEach(workers).ConfigureAwait(false))
        {
            // The first that fails stops the others, whose cancellation says nothing.
            failure ??= worker.Exception?.InnerException;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (failure is not (null or NoRangesException))
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    private async Task WorkAsync(CancellationTokenSource stop)
    {
        while (TryTake(out var piece))
        {
            var pump = new RangePump(wire, source, part) { ReadsPast = false };
            try
            {
                await pump.PourAsync(piece.Start, piece.End, stop.Token).ConfigureAwait(false);
            }
            catch (CoffreException trouble) when (trouble.IsTransient && MayLeave())
            {
                GiveBack(piece with { Start = pump.Position });
                wire.Options.OnNotice?.Invoke($"{file.Name} goes on with fewer ranges: {trouble.Message}");
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                await stop.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }

        // Nobody who comes to grief from now on can leave a piece to this one.
        MayLeave();
    }

    private bool TryTake(out Extent piece)
    {
        lock (_gate)
        {
            piece = _pieces.FirstOrDefault();
            if (_pieces.Count > 0)
            {
                _pieces.RemoveAt(0);
                return true;
            }

            return false;
        }
    }

    private void GiveBack(Extent piece)
    {
        lock (_gate)
        {
            _pieces.Insert(0, piece);
        }
    }

    /// <summary>One worker less, if others are left.</summary>
    private bool MayLeave()
    {
        lock (_gate)
        {
            return _working > 1 && --_working > 0;
        }
    }
}
