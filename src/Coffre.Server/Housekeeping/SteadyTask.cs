namespace Coffre.Server.Housekeeping;

/// <summary>Work that goes on beside the requests, turn by turn, for as long as the server runs.</summary>
/// <remarks>A turn that fails (a full disk, say) is logged, and after a while another one is tried: the host would end the whole server for it.</remarks>
internal abstract partial class SteadyTask(ILogger logger) : BackgroundService
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    /// <summary>Waits for its time or a signal, and does what is to be done.</summary>
    protected abstract Task TurnAsync(CancellationToken stoppingToken);

    /// <summary>Before the first turn.</summary>
    protected virtual Task BeginAsync(CancellationToken stoppingToken) => Task.CompletedTask;

    /// <summary>When the server stops.</summary>
    protected virtual Task EndAsync() => Task.CompletedTask;

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var act = BeginAsync;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await act(stoppingToken);
                act = TurnAsync;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                LogFailed(logger, exception, GetType().Name);
                await Task.Delay(PauseAfterFailure, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        try
        {
            await EndAsync();
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception, GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Task} failed; it goes on")]
    private static partial void LogFailed(ILogger logger, Exception exception, string task);
}
