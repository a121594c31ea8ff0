using System.Net.Http.Headers;
using Coffre.Client.Budget;

namespace Coffre.Client.Calls;

/// <summary>Sends one request: the key only where it belongs, at the pace that the service bears, told to whoever watches.</summary>
internal sealed class Wire : IDisposable
{
    private readonly CoffreClientOptions _options;
    private readonly HttpClient _http;
    private readonly bool _ownsHttp;

    public Wire(CoffreClientOptions options, ServiceAddress address)
    {
        _options = options;
        Address = address;
        _ownsHttp = options.HttpClient is null;
        _http = options.HttpClient ?? new HttpClient(options.Handler ?? NewHandler(), disposeHandler: options.Handler is null)
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        Budget = new RequestBudget(options, address);
        Slots = new ConnectionSlots(options, address);
    }

    public ServiceAddress Address { get; }

    public RequestBudget Budget { get; }

    public ConnectionSlots Slots { get; }

    public CoffreClientOptions Options => _options;

    public TimeProvider Time => _options.TimeProvider;

    /// <summary>Sends and returns as soon as the headers are there.</summary>
    /// <param name="request">Disposed by the caller.</param>
    /// <param name="ask">What it costs.</param>
    /// <param name="withKey">Whether the key is wanted; it is left out where it must not go.</param>
    /// <param name="traceTarget">What may be said of the address.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CoffreException">No answer came.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, BudgetAsk ask, bool withKey, string traceTarget, CancellationToken cancellationToken)
    {
        var turn = await Budget.EnterAsync(ask, cancellationToken).ConfigureAwait(false);
        return await SendInTurnAsync(request, turn, ask, withKey, traceTarget, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same within a limit, which begins when the request may go out.</summary>
    /// <exception cref="CoffreException">No answer came.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, BudgetAsk ask, bool withKey, string traceTarget, CallLimit limit)
    {
        var turn = await Budget.EnterAsync(ask, limit.Caller).ConfigureAwait(false);
        limit.Begin();
        return await SendInTurnAsync(request, turn, ask, withKey, traceTarget, limit.Token).ConfigureAwait(false);
    }

    public static CoffreException NetworkTrouble(Exception exception, Uri target)
    {
        // What a stream of ours threw while it was being sent is the real cause.
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is CoffreException own)
            {
                return own;
            }
        }

        var text = exception is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } or
        { InnerException: System.Security.Authentication.AuthenticationException }
            ? "The certificate of the service is not trusted"
            : "No answer from the service";
        var reason = (exception.GetBaseException().Message ?? "").TrimEnd('.');
        return new CoffreException(CoffreError.Network, $"{text} at {target.Authority}: {reason}.", exception);
    }

    /// <summary>Waits before the next try; where a lock is the reason, whoever watches is told how long it still takes.</summary>
    public Task DelayAsync(TimeSpan delay, CoffreException trouble, CancellationToken cancellationToken) =>
        trouble.Error is CoffreError.Flooded or CoffreError.OtherLocation
            ? Budget.PauseAsync(trouble.Message, trouble.Ko, delay, cancellationToken)
            : Task.Delay(delay, Time, cancellationToken);

    public void Dispose()
    {
        Budget.Dispose();
        Slots.Dispose();
        if (_ownsHttp)
        {
            _http.Dispose();
        }
    }

    private async Task<HttpResponseMessage> SendInTurnAsync(
        HttpRequestMessage request, BudgetTurn turn, BudgetAsk ask, bool withKey, string traceTarget, CancellationToken cancellationToken)
    {
        await using var _ = turn.ConfigureAwait(false);
        request.Headers.UserAgent.TryParseAdd(_options.UserAgent);
        if (withKey && _options.ApiKey is { Length: > 0 } key && Address.MayHaveKey(request.RequestUri!))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        var started = Time.GetTimestamp();
        HttpResponseMessage? answer = null;
        try
        {
            answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (!ask.IsTransfer)
            {
                await Budget.ObserveAsync(answer, cancellationToken).ConfigureAwait(false);
            }

            return answer;
        }
        catch (HttpRequestException exception)
        {
            throw NetworkTrouble(exception, request.RequestUri!);
        }
        finally
        {
            _options.OnCall?.Invoke(new CallTrace(
                request.Method.Method,
                traceTarget,
                answer is null ? 0 : (int)answer.StatusCode,
                Time.GetElapsedTime(started),
                answer is null ? null : AnswerJudge.RequestIdOf(answer))
            {
                Waited = turn.Waited,
                ServiceTime = answer?.Headers.Date,
            });
        }
    }

    private static SocketsHttpHandler NewHandler() => new()
    {
        // A redirect could carry the key or the bytes to another place: each is looked at by the code that expects it.
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        ConnectTimeout = TimeSpan.FromSeconds(20),
    };
}
