using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Coffre.Client.Budget;
using Coffre.Client.Calls;

namespace Coffre.Client.Downloads;

/// <summary>Pours a range of a remote file into a sink, over as many download addresses as that takes.</summary>
/// <remarks>
/// The link is what lasts; an address from <c>get_token.cgi</c> is used up, expires, or loses its connection. Each time a new one
/// is asked for and the transfer goes on at the next byte. Bytes of another version of the file are never mixed in.
/// </remarks>
internal sealed class RangePump(Wire wire, CoffreClient client)
{
    private const int BufferSize = 256 * 1024;
    private const int MostRedirects = 5;

    private EntityTagHeaderValue? _version;

    /// <summary>Pours bytes from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
    /// <param name="link">Public link.</param>
    /// <param name="password">Password of the file.</param>
    /// <param name="start">First byte.</param>
    /// <param name="end">Where to stop; null for the end of the file.</param>
    /// <param name="size">Size of the file, if known: another size means another file.</param>
    /// <param name="sink">Takes the bytes, in order, each once.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The position after the last byte.</returns>
    public async Task<long> PourAsync(
        string link, string? password, long start, long? end, long? size, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> sink, CancellationToken cancellationToken)
    {
        var goal = new Goal(end, size) { Position = start };
        var patience = new Patience(wire.Options);
        while (!goal.IsReached)
        {
            var before = goal.Position;
            TimeSpan pause;
            CoffreException trouble;
            try
            {
                await OnceAsync(link, password, goal, sink, cancellationToken).ConfigureAwait(false);
                continue;
            }
            catch (CoffreException failure)
            {
                trouble = failure;
                if (goal.Position > before)
                {
                    patience.Renew();
                }

                if (!patience.AllowsRetry(trouble, mayHaveWorked: false, out pause))
                {
                    throw;
                }
            }

            await wire.DelayAsync(pause, trouble, cancellationToken).ConfigureAwait(false);
        }

        return goal.Position;
    }

    private async Task OnceAsync(
        string link, string? password, Goal goal, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> sink, CancellationToken cancellationToken)
    {
        var address = await client.GetDownloadAddressAsync(link, password, cancellationToken).ConfigureAwait(false);
        using var watch = new StallWatch(wire.Options.StallTimeout, wire.Time, cancellationToken);
        try
        {
            using var answer = await GetAsync(address, goal, watch.Token).ConfigureAwait(false);
            var skip = await CheckAsync(answer, goal, watch.Token).ConfigureAwait(false);
            if (skip >= 0)
            {
                await CopyAsync(answer, goal, skip, sink, watch).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException exception) when (watch.IsStalled)
        {
            throw new CoffreException(CoffreError.Timeout, $"The download stood still for {wire.Options.StallTimeout.TotalSeconds:0} s.", exception);
        }
    }

    private async Task<HttpResponseMessage> GetAsync(Uri address, Goal goal, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (goal.Position > 0 || goal.End is not null)
            {
                request.Headers.Range = new RangeHeaderValue(goal.Position, goal.End - 1);
                if (_version is { IsWeak: false } version)
                {
                    request.Headers.IfRange = new RangeConditionHeaderValue(version);
                }
            }

            // The address is the right to download: no key goes along, and none is shown.
            var answer = await wire.SendAsync(request, BudgetAsk.Transfer, withKey: false, address.Authority + "/…", cancellationToken).ConfigureAwait(false);
            if ((int)answer.StatusCode is not (>= 300 and < 400) || answer.Headers.Location is not { } location)
            {
                return answer;
            }

            using (answer)
            {
                var next = new Uri(address, location);
                if (redirects == MostRedirects || (ServiceAddress.IsHttps(address) && !ServiceAddress.IsHttps(next)))
                {
                    throw AnswerJudge.Unexpected(answer, "The download was sent from address to address, or from HTTPS to HTTP; it was not followed.");
                }

                address = next;
            }
        }
    }

    /// <summary>How many bytes of the body come before the position; -1 if there is nothing to read.</summary>
    private async Task<long> CheckAsync(HttpResponseMessage answer, Goal goal, CancellationToken cancellationToken)
    {
        switch (answer.StatusCode)
        {
            case HttpStatusCode.RequestedRangeNotSatisfiable when goal.MeetsEnd(answer.Content.Headers.ContentRange?.Length):
                return -1;
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                throw Changed(answer, "is shorter than the part that is here already");
            case HttpStatusCode.OK or HttpStatusCode.PartialContent:
                break;
            default:
                var body = await V1Caller.ReadAsync(answer, cancellationToken).ConfigureAwait(false);
                throw Dead(AnswerJudge.Refusal(answer, body.Span));
        }

        var headers = answer.Content.Headers;
        if (headers.ContentType?.MediaType is "text/html" && headers.ContentDisposition is null)
        {
            var page = await V1Caller.ReadAsync(answer, cancellationToken).ConfigureAwait(false);
            throw Dead(AnswerJudge.Refusal(answer, page.Span));
        }

        var total = answer.StatusCode == HttpStatusCode.OK ? headers.ContentLength : headers.ContentRange?.Length;
        if (total is { } found && goal.Size is { } known && found != known)
        {
            throw Changed(answer, $"has {found} bytes now, not {known}");
        }

        if (_version is { } version && answer.Headers.ETag is { } tag && !version.Equals(tag))
        {
            throw Changed(answer, "changed while it was being fetched");
        }

        goal.Size ??= total;
        _version ??= answer.Headers.ETag;
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            // The service does not do ranges: what is here already is read again and passed over.
            return goal.Position;
        }

        return headers.ContentRange?.From == goal.Position
            ? 0
            : throw AnswerJudge.Unexpected(answer, "The service sent another part of the file than was asked for.");
    }

    private static async Task CopyAsync(
        HttpResponseMessage answer, Goal goal, long skip, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> sink, StallWatch watch)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var body = await answer.Content.ReadAsStreamAsync(watch.Token).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                while (!goal.IsReached)
                {
                    var read = await ReadAsync(answer, body, buffer, watch.Token).ConfigureAwait(false);
                    if (read == 0)
                    {
                        break;
                    }

                    watch.Touch();
                    var passed = (int)Math.Min(skip, read);
                    skip -= passed;
                    var wanted = (int)Math.Min(read - passed, goal.Missing);
                    if (wanted > 0)
                    {
                        await sink(buffer.AsMemory(passed, wanted), watch.Token).ConfigureAwait(false);
                        goal.Position += wanted;
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        goal.EndOfBody();
    }

    private static async ValueTask<int> ReadAsync(HttpResponseMessage answer, Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(buffer.AsMemory(0, BufferSize), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw Wire.NetworkTrouble(exception, answer.RequestMessage!.RequestUri!);
        }
    }

    /// <summary>What a download address says when it is used up is no verdict on the file: a new address decides.</summary>
    private static CoffreException Dead(CoffreException refusal) =>
        refusal.Error is CoffreError.NotFound or CoffreError.Forbidden or CoffreError.NotAuthenticated or CoffreError.Refused
            ? new CoffreException(CoffreError.Unavailable, $"The download address is no longer good: {refusal.Message}", refusal)
            {
                Status = refusal.Status,
                Ko = refusal.Ko,
                RequestId = refusal.RequestId,
            }
            : refusal;

    private static CoffreException Changed(HttpResponseMessage answer, string how) =>
        new(CoffreError.RemoteChanged, $"The remote file {how}.") { Status = answer.StatusCode };

    /// <summary>How far the transfer is, and where it ends.</summary>
    private sealed class Goal(long? end, long? size)
    {
        private bool _sawEnd;

        public long Position { get; set; }

        public long? End { get; } = end;

        public long? Size { get; set; } = size;

        public long Missing => (Stop ?? long.MaxValue) - Position;

        public bool IsReached => _sawEnd || Position >= Stop;

        private long? Stop => End is { } limit && Size is { } size ? Math.Min(limit, size) : End ?? Size;

        public bool MeetsEnd(long? total)
        {
            _sawEnd = total is { } length ? Position >= length && (Size is not { } known || known == length) : Size is null || Position >= Size;
            return _sawEnd;
        }

        /// <summary>The body ended by itself: right, if nobody knows better.</summary>
        public void EndOfBody()
        {
            if (!IsReached && Size is not null)
            {
                throw new CoffreException(CoffreError.Network, $"The connection ended at byte {Position}.");
            }

            _sawEnd = true;
        }
    }
}
