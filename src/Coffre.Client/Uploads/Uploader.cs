using System.Net;
using System.Text.Json;
using Coffre.Client.Calls;
using Coffre.Protocol.V1;

namespace Coffre.Client.Uploads;

/// <summary>Carries files to the service: a right to upload, one POST, the report, and the proof that the bytes are right.</summary>
internal sealed class Uploader(Wire wire, CoffreClient client)
{
    // How long to look for an upload whose answer was lost. A service that is gone must not hold us longer.
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(10);

    public async Task<IReadOnlyList<UploadReceipt>> UploadAsync(
        IReadOnlyList<UploadSource> files, UploadOptions options, CancellationToken cancellationToken)
    {
        if (!wire.Address.IsOneFichier)
        {
            return await UploadKnownAsync(files, options, cancellationToken).ConfigureAwait(false);
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

            return await UploadKnownAsync(ready, options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            spools.ForEach(spool => spool.Dispose());
        }
    }

    private async Task<IReadOnlyList<UploadReceipt>> UploadKnownAsync(
        IReadOnlyList<UploadSource> files, UploadOptions options, CancellationToken cancellationToken)
    {
        var patience = new Patience(wire.Options);
        while (true)
        {
            var server = await client.GetUploadServerAsync(cancellationToken).ConfigureAwait(false);
            using var watch = new StallWatch(wire.Options.StallTimeout, wire.Time, cancellationToken);
            using var body = new MultipartUpload(files, options, watch);
            TimeSpan pause;
            try
            {
                return await OnceAsync(server, files, body, watch, cancellationToken).ConfigureAwait(false);
            }
            catch (CoffreException trouble) when (trouble.IsTransient)
            {
                // A cut after the last byte often hides a success: ask before sending everything again.
                if (body.IsComplete && trouble.Error is CoffreError.Network or CoffreError.Timeout
                    && await FindAsync(server, body, files, cancellationToken).ConfigureAwait(false) is { } kept)
                {
                    return kept;
                }

                if (files.Any(file => !file.CanReopen) || !patience.AllowsRetry(trouble, mayHaveWorked: false, out pause))
                {
                    throw;
                }
            }

            await wire.DelayAsync(pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<UploadReceipt>> OnceAsync(
        UploadServer server, IReadOnlyList<UploadSource> files, MultipartUpload body, StallWatch watch, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Node, $"{V1Paths.Upload}?id={Uri.EscapeDataString(server.Id)}"));
        request.Content = body;
        request.Headers.TransferEncodingChunked = files.Any(file => file.Length is null) ? true : null;
        UploadEnd end;
        try
        {
            using var answer = await wire.SendAsync(request, withKey: true, server.Node.Authority + V1Paths.Upload, watch.Token).ConfigureAwait(false);
            end = await EndOfAsync(server, answer, watch.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (watch.IsStalled)
        {
            throw new CoffreException(CoffreError.Timeout, $"The upload to {server.Node.Authority} stood still for {wire.Options.StallTimeout.TotalSeconds:0} s.", exception);
        }

        var report = end.Report ?? await new UploadReports(wire).WaitAsync(end.Address!, wire.Options.ReportPatience, cancellationToken).ConfigureAwait(false);
        try
        {
            return ReceiptBook.Match(report, files, body.Digests);
        }
        catch (CoffreException trouble) when (trouble.Error == CoffreError.Integrity)
        {
            // What arrived wrong must not stay under the right name.
            await TryDeleteAsync(report).ConfigureAwait(false);
            throw;
        }
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

    private async Task<IReadOnlyList<UploadReceipt>?> FindAsync(
        UploadServer server, MultipartUpload body, IReadOnlyList<UploadSource> files, CancellationToken cancellationToken)
    {
        try
        {
            var address = new Uri(server.Node, $"{V1Paths.UploadEnd}?xid={Uri.EscapeDataString(server.Id)}");
            var report = await new UploadReports(wire).WaitAsync(address, SecondLook, cancellationToken).ConfigureAwait(false);
            return ReceiptBook.Match(report, files, body.Digests);
        }
        catch (CoffreException)
        {
            return null;
        }
    }

    private async Task TryDeleteAsync(UploadReport report)
    {
        try
        {
            var links = (report.Links ?? []).Select(link => link.Download).Where(link => link.Length > 0).ToArray();
            if (links.Length > 0)
            {
                // Also when the caller cancelled meanwhile: a damaged file is worse than a moment more.
                await client.DeleteFilesAsync(links, CancellationToken.None).ConfigureAwait(false);
            }
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
