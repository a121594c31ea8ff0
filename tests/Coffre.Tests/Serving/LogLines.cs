using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Coffre.Tests.Serving;

/// <summary>Keeps what the server logs.</summary>
public sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

    public IEnumerable<string> All => _lines.Select(line => line.Text);

    public IEnumerable<string> Troubles => _lines.Where(line => line.Level >= LogLevel.Error).Select(line => line.Text);

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _lines);

    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<(LogLevel, string)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) =>
            logLevel >= (category.StartsWith("Microsoft", StringComparison.Ordinal) ? LogLevel.Warning : LogLevel.Debug);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                lines.Enqueue((logLevel, $"{category}: {formatter(state, exception)} {exception}"));
            }
        }
    }
}
