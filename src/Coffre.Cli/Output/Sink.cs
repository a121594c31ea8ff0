namespace Coffre.Cli.Output;

/// <summary>The outputs of a run, behind one redactor.</summary>
internal sealed class Sink(TextWriter output, TextWriter error, Redactor redactor)
{
    public Redactor Redactor { get; } = redactor;

    // Results may be many; the writer behind it holds them back just as long.
    public RedactingWriter Out { get; } = new(output, redactor) { MostHeld = 16 * 1024 };

    public RedactingWriter Error { get; } = new(error, redactor);

    public void Finish()
    {
        Out.Finish();
        Error.Finish();
    }
}
