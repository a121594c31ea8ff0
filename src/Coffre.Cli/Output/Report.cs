using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Output;

/// <summary>Takes what a run finds, does and suffers; says it as text at once, as one JSON envelope at the end, or as JSON lines.</summary>
internal sealed class Report(Sink sink, OutputForm form, bool quiet)
{
    /// <summary>Version of the envelope and of what stands in it.</summary>
    public const string Schema = "coffre/1";

    private readonly Lock _gate = new();
    private readonly List<Result> _results = [];
    private readonly List<string> _warnings = [];
    private ErrorReport? _error;
    private IReadOnlyList<CallCount>? _requests;
    private DateTimeOffset? _asOf;
    private long _items;

    public required TextStyle Style { get; set; }

    /// <summary>Called before something is written, so that a progress line makes room.</summary>
    public Action? BeforeMessage { get; set; }

    /// <summary>Whether standard output is for programs.</summary>
    public bool IsJson => form is not OutputForm.Text;

    public void Add(Result result)
    {
        lock (_gate)
        {
            _items++;
            if (form is OutputForm.JsonLines)
            {
                WriteLine("item", writer =>
                {
                    writer.WritePropertyName("result");
                    result.Write(writer);
                });
            }
            else if (form is OutputForm.Json)
            {
                _results.Add(result);
            }
            else if (result.Line(Style) is { } line)
            {
                BeforeMessage?.Invoke();
                sink.Out.WriteLine(line);
                if (BeforeMessage is not null)
                {
                    // What is drawn over and over must not overtake what stands above it.
                    sink.Out.Flush();
                }
            }
        }
    }

    /// <summary>Something to worry about; said once, however often it is met.</summary>
    public void Warn(string message)
    {
        lock (_gate)
        {
            if (_warnings.Contains(message, StringComparer.Ordinal))
            {
                return;
            }

            _warnings.Add(sink.Redactor.CleanMessage(message));
            if (form is OutputForm.JsonLines)
            {
                WriteLine("warning", writer => writer.WriteString("message", _warnings[^1]));
            }

            if (!quiet)
            {
                Say("warning: " + message);
            }
        }
    }

    /// <summary>Something for people to know that is no result; not in JSON.</summary>
    public void Note(string message)
    {
        if (!quiet)
        {
            lock (_gate)
            {
                Say(message);
            }
        }
    }

    /// <summary>An item failed; the run goes on.</summary>
    public ErrorReport ItemFailed(string item, Exception exception)
    {
        var described = Clean(Describe(exception));
        lock (_gate)
        {
            Say($"{item}: {described.Message}{Cure(described)}");
        }

        return described;
    }

    /// <summary>The run ends with this.</summary>
    public ExitCode Fail(Exception exception) => Fail(Describe(exception));

    public ExitCode Fail(ErrorReport described)
    {
        lock (_gate)
        {
            _error = Clean(described);
            Say($"{described.Message}{Cure(described)}");
        }

        return (ExitCode)described.ExitCode;
    }

    /// <summary>What the envelope shall say went wrong; people were told already.</summary>
    public void SetError(ErrorReport described) => _error = Clean(described);

    /// <summary>What the envelope shall say of the requests that were made.</summary>
    public void SetRequests(IReadOnlyList<CallCount> requests) => _requests = requests;

    /// <summary>The results are not of this moment.</summary>
    /// <param name="asOf">The oldest that they rest on.</param>
    /// <param name="age">The same, for people.</param>
    /// <param name="source">Where they are from.</param>
    public void SetAge(DateTimeOffset asOf, string age, string source = "the index")
    {
        _asOf = asOf;
        Note($"This is from {source}, as of {age} ago.");
    }

    /// <summary>How far the run is, for those who read JSON lines.</summary>
    public void Status(ProgressFigures figures)
    {
        lock (_gate)
        {
            WriteLine("status", writer =>
            {
                writer.WritePropertyName("progress");
                JsonSerializer.Serialize(writer, figures, ProgressJson.Default.ProgressFigures);
            });
        }
    }

    /// <summary>Writes the envelope, if one is wanted, and lets everything go out.</summary>
    public void Close(ExitCode exitCode)
    {
        lock (_gate)
        {
            if (form is OutputForm.Json)
            {
                sink.Out.WriteLine(Envelope(exitCode));
            }
            else if (form is OutputForm.JsonLines)
            {
                WriteLine("summary", writer => WriteSummary(writer, exitCode));
            }

            sink.Finish();
        }
    }

    public static ErrorReport Describe(Exception exception) => exception switch
    {
        CoffreException trouble => new ErrorReport(trouble.Code, trouble.Message, trouble.Advice, (int)ExitCodes.Of(trouble.Error))
        {
            HttpStatus = (int?)trouble.Status,
            Ko = trouble.Ko,
            RequestId = trouble.RequestId,
            Transient = trouble.IsTransient,
        },
        CliException trouble => new ErrorReport(trouble.Code, trouble.Message, trouble.Advice, (int)trouble.ExitCode),
        UnauthorizedAccessException or IOException => new ErrorReport("local_file", exception.Message, null, (int)ExitCode.Failure),
        _ => new ErrorReport("internal_error", $"{exception.GetType().Name}: {exception.Message}", "this is a fault of coffre itself: please report it with the command that you ran", (int)ExitCode.Failure),
    };

    private static string Cure(ErrorReport described)
    {
        var request = described.RequestId is { } id ? $" [request {id}]" : "";
        return described.Advice is { Length: > 0 } advice ? $" {char.ToUpperInvariant(advice[0])}{advice[1..].TrimEnd('.')}.{request}" : request;
    }

    private void Say(string message)
    {
        BeforeMessage?.Invoke();
        sink.Error.WriteLine("coffre: " + TextStyle.Shown(sink.Redactor.CleanMessage(message)));
        sink.Error.Flush();
    }

    private ErrorReport Clean(ErrorReport described) => described with { Message = sink.Redactor.CleanMessage(described.Message) };

    private void WriteLine(string type, Action<Utf8JsonWriter> write)
    {
        sink.Out.WriteLine(ObjectOf(writer =>
        {
            writer.WriteString("type", type);
            write(writer);
        }));
        sink.Out.Flush();
    }

    private string Envelope(ExitCode exitCode) => ObjectOf(writer =>
    {
        WriteHead(writer, exitCode);
        writer.WriteStartArray("results");
        _results.ForEach(result => result.Write(writer));
        writer.WriteEndArray();
        writer.WriteStartArray("warnings");
        _warnings.ForEach(writer.WriteStringValue);
        writer.WriteEndArray();
        WriteTail(writer);
    });

    private void WriteSummary(Utf8JsonWriter writer, ExitCode exitCode)
    {
        WriteHead(writer, exitCode);
        writer.WriteNumber("exit_code", (int)exitCode);
        writer.WriteNumber("items", _items);
        writer.WriteNumber("warnings", _warnings.Count);
        WriteTail(writer);
    }

    private static void WriteHead(Utf8JsonWriter writer, ExitCode exitCode)
    {
        writer.WriteBoolean("ok", exitCode == ExitCode.Success);
        writer.WriteString("schema", Schema);
    }

    private void WriteTail(Utf8JsonWriter writer)
    {
        writer.WritePropertyName("error");
        if (_error is { } described)
        {
            JsonSerializer.Serialize(writer, described, CliJson.Default.ErrorReport);
        }
        else
        {
            writer.WriteNullValue();
        }

        if (_asOf is { } asOf)
        {
            writer.WriteString("as_of", asOf.UtcDateTime);
        }

        if (_requests is not null)
        {
            writer.WriteStartArray("requests");
            foreach (var count in _requests)
            {
                writer.WriteStartObject();
                writer.WriteString("endpoint", count.Endpoint);
                writer.WriteNumber("calls", count.Calls);
                writer.WriteNumber("refused", count.Refused);
                writer.WriteNumber("waited_seconds", Math.Round(count.Waited.TotalSeconds, 3));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }
    }

    private static string ObjectOf(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
