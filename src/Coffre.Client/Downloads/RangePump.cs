using System.Buffers;
using System.Net.Http.Headers;
using Coffre.Client.Budget;
using Coffre.Client.Calls;

namespace Coffre.Client.Downloads;

/// <summary>Pours a range of a remote file into a sink, over as many connections and download addresses as that takes.</summary>
/// <remarks>
/// Where a connection is lost or an address expires, the transfer goes on at the next byte with a new one. Bytes of another version of
/// the file are never mixed in.
/// </remarks>
/// <param name="wire">Carries the requests.</param>
/// <param name="source">The file; other ranges of it may be poured at the same time.</param>
/// <param name="sink">Takes the bytes, in order, each once.</param>
internal sealed class RangePump(Wire wire, DownloadSource source, IRangeSink sink)
{
    private const int BufferSize = 256 * 1024;
    private const int MostRedirects = 5;

    // A slow line shall not hold back what came.
    private static readonly TimeSpan LongestFill = TimeSpan.FromMilliseconds(250);

    private Uri? _spent;

    /// <summary>Whether a service that sends the whole file instead of a range is read from the start; else that is <see cref="NoRangesException"/>.</summary>
    public bool ReadsPast { get; init; } = true;

    /// <summary>The next byte.</summary>
    public long Position { get; private set; }

    /// <summary>Pours bytes from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="end">Where to stop; null for the end of the file.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task PourAsync(long start, long? end, CancellationToken cancellationToken)
    {
        Position = start;
        var goal = new RangeGoal(this, end, source);
        var patience = new Patience(wire.Options);
        while (!goal.IsReached)
        {
            var before = Position;
            TimeSpan pause;
            CoffreException trouble;
            try
            {
                await OnceAsync(goal, cancellationToken).ConfigureAwait(false);
                continue;
            }
            catch (CoffreException failure)
            {
                trouble = failure;
                if (Position > before)
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
    }

    private async Task OnceAsync(RangeGoal goal, CancellationToken cancellationToken)
    {
        var address = await source.GetAddressAsync(_spent, cancellationToken).ConfigureAwait(false);
        using var slot = await wire.Slots.EnterAsync(cancellationToken).ConfigureAwait(false);
        using var watch = new StallWatch(wire.Options.StallTimeout, wire.Time, cancellationToken);
        try
        {
            using var answer = await GetAsync(address, goal, watch.Token).ConfigureAwait(false);
            var skip = await RangeAnswer.CheckAsync(answer, source, goal, Position, watch.Token).ConfigureAwait(false);
            if (skip > 0 && !ReadsPast)
            {
                throw new NoRangesException();
            }

            if (skip >= 0)
            {
                await CopyAsync(answer, goal, skip, watch).ConfigureAwait(false);
            }
        }
        catch (CoffreException)
        {
            _spent = address;
            throw;
        }
        catch (OperationCanceledException exception) when (watch.IsStalled)
        {
            _spent = address;
            throw new CoffreException(CoffreError.Timeout, $"The download stood still for {wire.Options.StallTimeout.TotalSeconds:0} s.", exception);
        }
    }

    private async Task<HttpResponseMessage> GetAsync(Uri address, RangeGoal goal, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (Position > 0 || goal.End is not null)
            {
                request.Headers.Range = new RangeHeaderValue(Position, goal.End - 1);
                if (source.Version is { IsWeak: false } version)
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

    private async Task CopyAsync(HttpResponseMessage answer, RangeGoal goal, long skip, StallWatch watch)
    {
        byte[]? buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var body = await answer.Content.ReadAsStreamAsync(watch.Token).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                while (!goal.IsReached)
                {
                    var (count, trouble) = await FillAsync(body, buffer, skip + goal.Missing, watch).ConfigureAwait(false);
                    source.Count(count);
                    if (wire.Options.Bandwidth is { } limit)
                    {
                        watch.Touch();
                        await limit.DownAsync(count, watch.Token).ConfigureAwait(false);
                    }

                    var passed = (int)Math.Min(skip, count);
                    skip -= passed;
                    var wanted = (int)Math.Min(count - passed, goal.Missing);
                    if (wanted > 0)
                    {
                        // Once it was handed over it is the sink's, also if that fails: given back twice it would be two readers' at once.
                        var full = buffer;
                        buffer = null;
                        buffer = await sink.TakeAsync(full, passed, wanted, Position, watch.Token).ConfigureAwait(false);
                        Position += wanted;
                    }

                    if (trouble is not null)
                    {
                        throw Wire.NetworkTrouble(trouble, answer.RequestMessage!.RequestUri!);
                    }

                    if (count == 0)
                    {
                        break;
                    }
                }
            }
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        goal.EndOfBody();
    }

    /// <summary>Reads until the buffer is full, the body ends or breaks, or a moment has passed: what came is not lost for what did not.</summary>
    private async ValueTask<(int Count, Exception? Trouble)> FillAsync(Stream body, byte[] buffer, long most, StallWatch watch)
    {
        var (count, started) = (0, wire.Time.GetTimestamp());
        var size = (int)Math.Min(BufferSize, Math.Max(1, most));
        size = wire.Options.Bandwidth?.DownPiece(size) ?? size;
        while (count < size)
        {
            try
            {
                var read = await body.ReadAsync(buffer.AsMemory(count, size - count), watch.Token).ConfigureAwait(false);
                count += read;
                if (read == 0)
                {
                    break;
                }
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException)
            {
                return (count, exception);
            }

            watch.Touch();
            if (wire.Time.GetElapsedTime(started) > LongestFill)
            {
                break;
            }
        }

        return (count, null);
    }
}

/// <summary>The service sends the whole file where a range was asked for.</summary>
internal sealed class NoRangesException : Exception;
