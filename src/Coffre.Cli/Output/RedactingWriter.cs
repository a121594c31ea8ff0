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
    private readonly List<string> _held = [];
    private int _heldLength;
    private string? _allowed;

    /// <summary>Characters of whole lines that wait for more, or for <see cref="Flush"/>: many are looked through in the time of one.</summary>
    public int MostHeld { get; init; }

    public override Encoding Encoding => inner.Encoding;

    /// <summary>This one secret was asked for, and may be written here.</summary>
    public void Allow(string secret)
    {
        lock (_gate)
        {
            ReleaseHeld();
            _allowed = secret;
        }
    }

    public override void Write(char value)
    {
        lock (_gate)
        {
            _pending.Append(value);
            if (value == '\n')
            {
                Hold(_pending.Length);
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
                Hold(before + end + 1);
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
            ReleaseHeld();

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
            Hold(_pending.Length);
            ReleaseHeld();
            inner.Flush();
        }
    }

    protected override void Dispose(bool disposing)
    {
        Finish();
        base.Dispose(disposing);
    }

    private void Hold(int length)
    {
        if (length > 0)
        {
            _held.Add(_pending.ToString(0, length));
            _heldLength += length;
            _pending.Remove(0, length);
        }

        if (_heldLength >= MostHeld)
        {
            ReleaseHeld();
        }
    }

    private void ReleaseHeld()
    {
        if (_held.Count == 0)
        {
            return;
        }

        // What holds no secret as a whole holds none in its parts. Where one seems to be, each part is judged for itself: lines that
        // stand side by side by chance must not make one.
        var whole = string.Concat(_held);
        if (string.Equals(redactor.Clean(whole, _allowed), whole, StringComparison.Ordinal))
        {
            inner.Write(whole);
        }
        else
        {
            _held.ForEach(part => inner.Write(redactor.Clean(part, _allowed)));
        }

        _held.Clear();
        _heldLength = 0;
    }
}
