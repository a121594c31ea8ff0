using System.Net;
using Coffre.Client.Budget;
using Coffre.Client.Calls;
using Coffre.Protocol.V1;

namespace Coffre.Client.Uploads;

/// <summary>Carries files to the service: a right to upload, one POST, the report, and the proof that the bytes are right.</summary>
/// <remarks>
/// Never sends again what may have arrived: an answer that was lost is looked for first, by the upload's report, then in the folder,
/// and nothing is sent until one of them has said yes or no. An upload that an earlier, killed run left behind is looked for too.
/// </remarks>
internal sealed class Uploader(Wire wire, CoffreClient client)
{
    private readonly UploadJournal _journal = new(wire);

    public async Task<IReadOnlyList<UploadOutcome>> UploadAsync(
        IReadOnlyList<UploadSource> files, UploadOptions options, CancellationToken cancellationToken)
    {
        if (!wire.Address.IsOneFichier)
        {
            return await UploadNewAsync(files, options, cancellationToken).ConfigureAwait(false);
        }

        var ready = new List<UploadSource>(files.Count);
        var spools = new List<Spool>();
        try
        {
            foreach (var file in files)
            {
                var sized = file;
                if (file.Length is null)
                {
                    spools.Add(await Spool.FillAsync(file, cancellationToken).ConfigureAwait(false));
                    sized = spools[^1].Source;
                }

                ready.Add(sized.Length != 0 ? sized : throw new CoffreException(CoffreError.EmptyFile, $"{file.Name} is empty, and 1fichier.com takes no empty files."));
            }

            return await UploadNewAsync(ready, options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            spools.ForEach(spool => spool.Dispose());
        }
    }

    /// <summary>Uploads what no earlier run has brought there already.</summary>
    private async Task<IReadOnlyList<UploadOutcome>> UploadNewAsync(
        IReadOnlyList<UploadSource> files, UploadOptions options, CancellationToken cancellationToken)
    {
        var kept = await new LostUpload(wire, client).FindLeftAsync(_journal, files, options, cancellationToken).ConfigureAwait(false);
        var missing = files.Where((_, index) => kept[index] is null).ToArray();
        if (missing.Length == 0)
        {
            return kept!;
        }

        var sent = new Queue<UploadOutcome>(await SendAsync(missing, options, cancellationToken).ConfigureAwait(false));
        return [.. kept.Select(outcome => outcome ?? sent.Dequeue())];
    }

    private async Task<UploadOutcome[]> SendAsync(IReadOnlyList<UploadSource> files, UploadOptions options, CancellationToken cancellationToken)
    {
        var patience = new Patience(wire.Options);
        Doubt? doubt = null;
        while (true)
        {
            TimeSpan pause;
            CoffreException trouble;
            var asked = doubt;
            using var watch = new StallWatch(wire.Options.StallTimeout, wire.Time, cancellationToken);
            using var body = new MultipartUpload(files, options, watch, wire.Options.Bandwidth);
            UploadServer? server = null;
            try
            {
                if (doubt is not null)
                {
                    if (await new LostUpload(wire, client).FindAsync(doubt, files, options, cancellationToken).ConfigureAwait(false) is { } found)
                    {
                        return await CompleteAsync(found, files, options, cancellationToken).ConfigureAwait(false);
                    }

                    if (files.Any(file => !file.CanReopen) || !patience.AllowsRetry(doubt.Trouble, mayHaveWorked: false, out _))
                    {
                        throw doubt.Trouble;
                    }

                    doubt = null;
                }

                server = await client.GetUploadServerAsync(cancellationToken).ConfigureAwait(false);
                using var note = _journal.Begin(server, options.FolderId, files, body);
                var receipts = await OnceAsync(server, files, body, watch, options, cancellationToken).ConfigureAwait(false);
                note?.Settle();
                return await CompleteAsync(receipts, files, options, cancellationToken).ConfigureAwait(false);
            }
            catch (CoffreException failure) when (failure.IsTransient && (server is not null || doubt is not null) && !ReferenceEquals(failure, doubt?.Trouble))
            {
                trouble = failure;
                if (server is not null && body.MayBeComplete && failure.Error is CoffreError.Network or CoffreError.Timeout)
                {
                    doubt = new Doubt(server, body.Digests, failure);
                }

                // Looking costs nothing; sending again has to be allowed.
                var looksFirst = doubt is not null && !ReferenceEquals(doubt, asked);
                pause = TimeSpan.Zero;
                if (!looksFirst && ((doubt is null && files.Any(file => !file.CanReopen)) || !patience.AllowsRetry(trouble, mayHaveWorked: false, out pause)))
                {
                    throw;
                }
            }

            if (pause > TimeSpan.Zero)
            {
                await wire.DelayAsync(pause, trouble, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What did not arrive right with the others is sent again alone.</summary>
    private async Task<UploadOutcome[]> CompleteAsync(
        UploadReceipt?[] receipts, IReadOnlyList<UploadSource> files, UploadOptions options, CancellationToken cancellationToken)
    {
        var outcomes = new UploadOutcome[files.Count];
        for (var i = 0; i < files.Count; i++)
        {
            try
            {
                outcomes[i] = receipts[i] is { } receipt
                    ? new UploadOutcome(receipt, null)
                    : (await SendAsync([files[i]], options with { Progress = null }, cancellationToken).ConfigureAwait(false))[0];
            }
            catch (CoffreException trouble) when (files.Count > 1)
            {
                outcomes[i] = new UploadOutcome(null, trouble);
            }
        }

        return outcomes;
    }

    /// <summary>One POST and its report.</summary>
    /// <returns>A receipt for each file; null for one among many that did not arrive right.</returns>
    private async Task<UploadReceipt?[]> OnceAsync(
        UploadServer server, IReadOnlyList<UploadSource> files, MultipartUpload body, StallWatch watch, UploadOptions options, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Node, $"{V1Paths.Upload}?id={Uri.EscapeDataString(server.Id)}"));
        request.Content = body;
        request.Headers.TransferEncodingChunked = files.Any(file => file.Length is null) ? true : null;
        UploadEnd end;
        try
        {
            using var answer = await wire.SendAsync(request, BudgetAsk.Transfer, withKey: true, server.Node.Authority + V1Paths.Upload, watch.Token).ConfigureAwait(false);
            end = await EndOfAsync(server, answer, watch.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (watch.IsStalled)
        {
            throw new CoffreException(CoffreError.Timeout, $"The upload to {server.Node.Authority} stood still for {wire.Options.StallTimeout.TotalSeconds:0} s.", exception);
        }

        var report = end.Report ?? await new UploadReports(wire).WaitAsync(end.Address!, wire.Options.ReportPatience, cancellationToken).ConfigureAwait(false);
        if (report.Links is not { Count: > 0 })
        {
            // Seen in the wild. The files are mostly there all the same.
            return await new LostUpload(wire, client).FindInFolderAsync(files, body.Digests, options, cancellationToken).ConfigureAwait(false)
                ?? throw ReceiptBook.NothingNamed();
        }

        var sorted = ReceiptBook.Sort(report, files, body.Digests);
        if (sorted.Damaged.Count > 0)
        {
            // What arrived wrong must not stay under the right name.
            await TryDeleteAsync(sorted.Damaged).ConfigureAwait(false);
        }

        return files.Count > 1 || sorted.Receipts[0] is not null
            ? sorted.Receipts
            : throw ReceiptBook.Differs(report, files[0], body.Digests[0]);
    }

    /// <summary>Where the report is, or the report itself where the HTTP stack went there already.</summary>
    private static async Task<UploadEnd> EndOfAsync(UploadServer server, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.StatusCode is >= (HttpStatusCode)300 and < (HttpStatusCode)400 && answer.Headers.Location is { } location)
        {
            var target = new Uri(server.Node, location);
            return string.Equals(target.IdnHost, server.Node.IdnHost, StringComparison.OrdinalIgnoreCase) && string.Equals(target.Scheme, server.Node.Scheme, StringComparison.Ordinal)
                ? new UploadEnd(target, null)
                : throw AnswerJudge.Unexpected(answer, $"The upload node sent us elsewhere for its report ({target.Authority}); it was not followed.");
        }

        var bytes = await V1Caller.ReadAsync(answer, cancellationToken).ConfigureAwait(false);
        if (answer.IsSuccessStatusCode)
        {
            if (UploadReports.TryRead(bytes.Span) is { } report)
            {
                return new UploadEnd(null, report);
            }

            if (answer.RequestMessage?.RequestUri is { AbsolutePath: V1Paths.UploadEnd } followed)
            {
                return new UploadEnd(followed, null);
            }
        }

        var refusal = AnswerJudge.Refusal(answer, bytes.Span);
        throw refusal.Message.Contains("ouvrir le fichier destination", StringComparison.OrdinalIgnoreCase)
            ? new CoffreException(CoffreError.Unavailable, refusal.Message) { Status = refusal.Status }
            : refusal;
    }

    private async Task TryDeleteAsync(IReadOnlyCollection<string> links)
    {
        try
        {
            // Also when the caller cancelled meanwhile: a damaged file is worse than a moment more.
            await client.DeleteFilesAsync(links, CancellationToken.None).ConfigureAwait(false);
        }
        catch (CoffreException exception)
        {
            wire.Options.OnNotice?.Invoke($"The damaged upload could not be removed: {exception.Message}");
        }
    }

    private sealed record UploadEnd(Uri? Address, UploadReport? Report);
}

/// <summary>A right to make one upload.</summary>
/// <param name="Node">Where the POST goes: scheme and host.</param>
/// <param name="Id">What names the upload; good for one POST.</param>
internal sealed record UploadServer(Uri Node, string Id);

/// <summary>An upload of which every byte went out, but no answer came back.</summary>
internal sealed record Doubt(UploadServer Server, IReadOnlyList<SentFile?> Sent, CoffreException Trouble);
