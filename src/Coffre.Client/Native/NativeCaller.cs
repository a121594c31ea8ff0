using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coffre.Client.Budget;
using Coffre.Client.Calls;
using Coffre.Protocol;
using Coffre.Protocol.Api;

namespace Coffre.Client.Native;

/// <summary>One call of the native API.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">One of <see cref="ApiPaths"/>, filled in, with its query.</param>
/// <param name="Answer">How the answer is read.</param>
internal sealed record NativeCall<TAnswer>(HttpMethod Method, string Path, JsonTypeInfo<TAnswer> Answer)
{
    /// <summary>What is asked, as JSON; null for nothing.</summary>
    public byte[]? Body { get; init; }

    /// <summary>Whether doing it twice does no harm.</summary>
    public bool IsRepeatable { get; init; } = true;

    public bool IsWithKey { get; init; } = true;
}

/// <summary>Makes calls of the native API of a coffre-server: sends, reads, tells answers from problems, tries again where that is right.</summary>
internal sealed class NativeCaller(Wire wire)
{
    private static readonly Dictionary<string, KoCode> Codes =
        KoCatalogue.All.ToDictionary(entry => JsonNamingPolicy.SnakeCaseLower.ConvertName(entry.Key.ToString()), entry => entry.Key, StringComparer.Ordinal);

    public ServiceAddress Address => wire.Address;

    /// <exception cref="CoffreException">Refused, unreachable, not understood, or no coffre-server.</exception>
    public async Task<TAnswer> CallAsync<TAnswer>(NativeCall<TAnswer> call, CancellationToken cancellationToken)
    {
        if (wire.Address.IsOneFichier)
        {
            throw new CoffreException(CoffreError.Configuration, "1fichier.com has one key for each account, and no calls to look after it.")
            {
                Advice = "renew it in the console of 1fichier.com",
            };
        }

        var patience = new Patience(wire.Options);
        while (true)
        {
            TimeSpan pause;
            CoffreException trouble;
            try
            {
                return await OnceAsync(call, cancellationToken).ConfigureAwait(false);
            }
            catch (CoffreException failure) when (patience.AllowsRetry(failure, !call.IsRepeatable, out pause))
            {
                // Paused below, outside the handler.
                trouble = failure;
            }

            await wire.DelayAsync(pause, trouble, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<TAnswer> OnceAsync<TAnswer>(NativeCall<TAnswer> call, CancellationToken cancellationToken)
    {
        var target = wire.Address.Call(call.Path);
        var ask = new BudgetAsk(target.AbsolutePath);
        using var limit = new CallLimit(wire.Options, cancellationToken);
        using var request = new HttpRequestMessage(call.Method, target);
        if (call.Body is { } body)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        try
        {
            using var answer = await wire.SendAsync(request, ask, call.IsWithKey, target.Authority + target.AbsolutePath, limit).ConfigureAwait(false);
            var bytes = await V1Caller.ReadAsync(answer, limit.Token).ConfigureAwait(false);
            try
            {
                return Understand(answer, bytes.Span, call.Answer);
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

    private static TAnswer Understand<TAnswer>(HttpResponseMessage answer, ReadOnlySpan<byte> body, JsonTypeInfo<TAnswer> type)
    {
        if ((int)answer.StatusCode is >= 300 and < 400)
        {
            throw AnswerJudge.Unexpected(answer, $"The service sent the call elsewhere ({answer.Headers.Location?.Host}); it was not followed.");
        }

        if (!answer.IsSuccessStatusCode)
        {
            throw ProblemOf(answer, body) is { } problem ? Refusal(answer, problem) : Stranger(answer, body);
        }

        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw AnswerJudge.Unexpected(answer, "The service answered nothing.");
        }
        catch (JsonException exception)
        {
            throw AnswerJudge.Unexpected(answer, "The service answered with something that is no answer of a coffre-server.", exception);
        }
    }

    private static Problem? ProblemOf(HttpResponseMessage answer, ReadOnlySpan<byte> body)
    {
        if (answer.Content.Headers.ContentType?.MediaType is not Problem.MediaType)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(body, ApiJson.Default.Problem);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static CoffreException Refusal(HttpResponseMessage answer, Problem problem)
    {
        var isKnown = Codes.TryGetValue(problem.Code, out var code);
        var text = problem.Detail is { Length: > 0 } detail ? $"{problem.Title.TrimEnd('.')}: {detail.TrimEnd('.')}." : $"{problem.Title.TrimEnd('.')}.";
        return new CoffreException(isKnown ? AnswerJudge.OfCode(code, answer.StatusCode) : AnswerJudge.OfStatus(answer.StatusCode), text)
        {
            Status = answer.StatusCode,
            Ko = isKnown ? KoCatalogue.Get(code).Number : null,
            RequestId = AnswerJudge.RequestIdOf(answer),
            RetryAfter = AnswerJudge.RetryAfterOf(answer),
        };
    }

    /// <summary>A refusal that no coffre-server of today words so: a proxy, an older server, another program.</summary>
    private static CoffreException Stranger(HttpResponseMessage answer, ReadOnlySpan<byte> body)
    {
        if ((int)answer.StatusCode is 404 or 405 or 501)
        {
            return AnswerJudge.Unexpected(answer, $"What answers at {answer.RequestMessage?.RequestUri?.Authority} has no native API (HTTP {(int)answer.StatusCode}).");
        }

        return AnswerJudge.Refusal(answer, body);
    }
}
