using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Coffre.Tests.Serving;

/// <summary>Keeps what the server logs.</summary>
public sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();
    private TaskCompletionSource _added = NewSignal();

    public IEnumerable<string> All => _lines.Select(line => line.Text);

    public IEnumerable<string> Troubles => _lines.Where(line => line.Level >= LogLevel.Error).Select(line => line.Text);

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, Add);

    /// <summary>The first line that fits, or the first behind some that fit too, now or within half a minute of the last line.</summary>
    /// <param name="fits">Is asked about each line many times.</param>
    /// <param name="passedOver">How many lines that fit are passed over.</param>
    public async Task<string> WaitForAsync(Func<string, bool> fits, int passedOver = 0)
    {
        while (true)
        {
            var added = _added.Task;
            if (All.Where(fits).Skip(passedOver).FirstOrDefault() is { } line)
            {
                return line;
            }

            await added.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    private void Add(LogLevel level, string text)
    {
        _lines.Enqueue((level, text));
        Interlocked.Exchange(ref _added, NewSignal()).SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, Action<LogLevel, string> add) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) =>
            logLevel >= (category.StartsWith("Microsoft", StringComparison.Ordinal) ? LogLevel.Warning : LogLevel.Debug);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                add(logLevel, $"{category}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
