using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coffre.Client.Budget;
using Coffre.Protocol.V1;

namespace Coffre.Client.Calls;

/// <summary>Makes one JSON call: sends, reads, tells OK from KO, tries again where that is right.</summary>
internal sealed class V1Caller(Wire wire)
{
    private const int LargestAnswer = 512 * 1024 * 1024;

    /// <param name="path">One of <see cref="V1Paths"/>.</param>
    /// <param name="body">What is asked.</param>
    /// <param name="bodyType">How it is written.</param>
    /// <param name="answerType">How the answer is read.</param>
    /// <param name="repeatable">Whether doing it twice does no harm.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CoffreException">Refused, unreachable, or not understood.</exception>
    public async Task<TAnswer> CallAsync<TBody, TAnswer>(
        string path,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<TAnswer> answerType,
        bool repeatable,
        CancellationToken cancellationToken)
        where TAnswer : V1Answer
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, bodyType);
        var ask = new BudgetAsk(path, body switch { FolderLsRequest folder => folder.FolderId, FileLsRequest files => files.FolderId, _ => null });
        var patience = new Patience(wire.Options);
        while (true)
        {
            TimeSpan pause;
            CoffreException trouble;
            try
            {
                return await OnceAsync(ask, bytes, answerType, cancellationToken).ConfigureAwait(false);
            }
            catch (CoffreException failure) when (patience.AllowsRetry(failure, !repeatable, out pause))
            {
                // Paused below, outside the handler.
                trouble = failure;
            }

            await wire.DelayAsync(pause, trouble, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<TAnswer> OnceAsync<TAnswer>(BudgetAsk ask, byte[] body, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
        where TAnswer : V1Answer
    {
        var target = wire.Address.Call(ask.Path);
        using var limit = new CallLimit(wire.Options, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, target);
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var answer = await wire.SendAsync(request, ask, withKey: true, target.Authority + ask.Path, limit).ConfigureAwait(false);
            var bytes = await ReadAsync(answer, limit.Token).ConfigureAwait(false);
            try
            {
                return Understand(answer, bytes, answerType);
            }
            catch (CoffreException refusal)
            {
                await wire.Budget.LearnAsync(refusal, ask, cancellationToken).ConfigureAwait(false);
                throw;
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CoffreException(CoffreError.Timeout, $"The service at {target.Authority} did not answer in time.", exception);
        }
    }

    /// <summary>Reads a whole body of an answer.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var writer = new ArrayBufferWriter<byte>(16 * 1024);
        try
        {
            var stream = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                int read;
                while ((read = await stream.ReadAsync(writer.GetMemory(16 * 1024), cancellationToken).ConfigureAwait(false)) > 0)
                {
                    writer.Advance(read);
                    if (writer.WrittenCount > LargestAnswer)
                    {
                        throw AnswerJudge.Unexpected(answer, $"The answer is larger than {LargestAnswer / (1024 * 1024)} MiB.");
                    }
                }
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw Wire.NetworkTrouble(exception, answer.RequestMessage!.RequestUri!);
        }

        return writer.WrittenMemory;
    }

    private static TAnswer Understand<TAnswer>(HttpResponseMessage answer, ReadOnlyMemory<byte> body, JsonTypeInfo<TAnswer> type)
        where TAnswer : V1Answer
    {
        if ((int)answer.StatusCode is >= 300 and < 400)
        {
            throw AnswerJudge.Unexpected(answer, $"The service sent the call elsewhere ({answer.Headers.Location?.Host}); it was not followed.");
        }

        if (!answer.IsSuccessStatusCode)
        {
            throw AnswerJudge.Refusal(answer, body.Span);
        }

        try
        {
            if (JsonSerializer.Deserialize(body.Span, type) is { } read)
            {
                return IsKo(read) ? throw AnswerJudge.Refusal(answer, body.Span) : read;
            }
        }
        catch (JsonException exception)
        {
            throw Misread(answer, body, exception);
        }

        throw AnswerJudge.Unexpected(answer, "The service answered nothing.");
    }

    private static bool IsKo(V1Answer answer) => string.Equals(answer.Status, V1Answer.Ko, StringComparison.OrdinalIgnoreCase);

    /// <summary>A refusal in another shape, a page, or JSON that cannot be read.</summary>
    private static CoffreException Misread(HttpResponseMessage answer, ReadOnlyMemory<byte> body, JsonException exception)
    {
        try
        {
            if (JsonSerializer.Deserialize(body.Span, V1Json.Default.V1Answer) is { } envelope && IsKo(envelope))
            {
                return AnswerJudge.Refusal(answer, body.Span);
            }
        }
        catch (JsonException)
        {
            // Not JSON at all.
        }

        return AnswerJudge.MessageOf(body.Span) is { } text
            ? AnswerJudge.Refusal(answer, text, $"The service answered with a page instead of JSON: {text}")
            : AnswerJudge.Unexpected(answer, "The service answered with JSON that could not be read" + (exception.Path is { } path ? $" (at {path})." : "."), exception);
    }
}
