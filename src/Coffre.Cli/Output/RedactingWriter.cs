using System.Text;

namespace Coffre.Cli.Output;

/// <summary>The one way text leaves the command: what the <see cref="Redactor"/> knows to be secret is blotted out.</summary>
/// <remarks>
/// Text is held back until a line ends, or <see cref="Flush"/>; and even then what may be the beginning of a secret, until
/// <see cref="Finish"/>: a secret that comes in pieces is seen.
/// </remarks>
internal sealed class RedactingWriter(TextWriter inner, Redactor redactor) : TextWriter
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _pending = new();
    private string? _allowed;

    public override Encoding Encoding => inner.Encoding;

    /// <summary>This one secret was asked for, and may be written here.</summary>
    public void Allow(string secret) => _allowed = secret;

    public override void Write(char value)
    {
        lock (_gate)
        {
            _pending.Append(value);
            if (value == '\n')
            {
                Release(_pending.Length);
            }
        }
    }

    public override void Write(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return;
        }

        lock (_gate)
        {
            var before = _pending.Length;
            _pending.Append(value);
            if (value.LastIndexOf('\n') is >= 0 and var end)
            {
                Release(before + end + 1);
            }
        }
    }

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => Write(value + "\n");

    public override void WriteLine() => Write("\n");

    public override void Flush()
    {
        lock (_gate)
        {
            // Whole secrets first: the end of one may look like the beginning of the next.
            var text = redactor.Clean(_pending.ToString(), _allowed);
            var unsure = redactor.Unsure(text);
            inner.Write(text[..^unsure]);
            _pending.Clear().Append(text[^unsure..]);
            inner.Flush();
        }
    }

    public override Task FlushAsync()
    {
        Flush();
        return Task.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => FlushAsync();

    /// <summary>Nothing follows: all goes out.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            Release(_pending.Length);
            inner.Flush();
        }
    }

    protected override void Dispose(bool disposing)
    {
        Finish();
        base.Dispose(disposing);
    }

    private void Release(int length)
    {
        if (length > 0)
        {
            inner.Write(redactor.Clean(_pending.ToString(0, length), _allowed));
            _pending.Remove(0, length);
        }
    }
}
