using System.Text.Json;
using Coffre.Server.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Coffre.Server.Door;

/// <summary>Logs go to standard error, one line an event, through the redactor.</summary>
internal static class LogSetup
{
    public static void Add(ILoggingBuilder logging, ServerSettings settings)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(Enum.Parse<LogLevel>(settings.Text(SettingList.LogLevel), ignoreCase: true));
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        // What keeps the server from starting is told in a sentence, not as a stack trace.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        logging.AddConsole(console =>
        {
            console.FormatterName = CleanFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        logging.AddConsoleFormatter<CleanFormatter, CleanFormatterOptions>(options =>
            options.Json = string.Equals(settings.Text(SettingList.LogFormat), "json", StringComparison.OrdinalIgnoreCase));
    }

    internal sealed class CleanFormatterOptions : ConsoleFormatterOptions
    {
        public bool Json { get; set; }
    }

    /// <summary>One line an event; whatever it tells passes the redactor.</summary>
    internal sealed class CleanFormatter(IOptions<CleanFormatterOptions> options, TimeProvider clock) : ConsoleFormatter(FormatterName)
    {
        public const string FormatterName = "coffre";

        public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
        {
            var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
            var time = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
            var line = options.Value.Json
                ? Json(logEntry.LogLevel, logEntry.Category, logEntry.State as IEnumerable<KeyValuePair<string, object?>>, message, logEntry.Exception, time)
                : $"{time} {Short(logEntry.LogLevel)} {message}" + (logEntry.Exception is { } exception ? Environment.NewLine + exception : "");
            textWriter.WriteLine(Redactor.Clean(Flatten(line, logEntry.Exception is not null && !options.Value.Json)));
        }

        private static string Json(
            LogLevel level, string category, IEnumerable<KeyValuePair<string, object?>>? state, string message, Exception? exception, string time)
        {
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                json.WriteString("time", time);
                json.WriteString("level", Short(level));
                json.WriteString("source", category);
                json.WriteString("message", message);
                foreach (var (key, value) in state ?? [])
                {
                    if (key != "{OriginalFormat}")
                    {
                        json.WriteString(key, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
                    }
                }

                if (exception is not null)
                {
                    json.WriteString("exception", exception.ToString());
                }

                json.WriteEndObject();
            }

            return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
        }

        // A name with a line end in it must not forge a second line, nor one with an escape sequence speak to the terminal.
        private static string Flatten(string line, bool keepLines)
        {
            var flat = keepLines ? line : line.ReplaceLineEndings("\\n");
            return flat.Any(IsUnprintable) ? string.Concat(flat.Select(c => IsUnprintable(c) ? $"\\u{(int)c:x4}" : c.ToString())) : flat;
        }

        private static bool IsUnprintable(char c) => char.IsControl(c) && c is not ('\n' or '\r' or '\t');

        private static string Short(LogLevel level) => level switch
        {
            LogLevel.Trace or LogLevel.Debug => "debug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            _ => "error",
        };
    }
}
