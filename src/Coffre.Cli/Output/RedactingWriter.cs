using System.Text;

namespace Coffre.Cli.Output;

/// <summary>The one way text leaves the command: secrets that were met in this run are blotted out.</summary>
/// <remarks>Text is held back until a line ends or <see cref="Flush"/>, so that a secret split over two writes is seen.</remarks>
internal sealed class RedactingWriter(TextWriter inner) : TextWriter
{
    private const string Blot = "[secret]";

    private readonly Lock _gate = new();
    private readonly StringBuilder _pending = new();
    private readonly HashSet<string> _secrets = new(StringComparer.Ordinal);

    public override Encoding Encoding => inner.Encoding;

    /// <summary>From now on this text is never written, nor its form in URLs or in base 64.</summary>
    public void Hide(string? secret)
    {
        if (secret is not { Length: >= 4 })
        {
            return;
        }

        lock (_gate)
        {
            _secrets.Add(secret);
            _secrets.Add(Uri.EscapeDataString(secret));
            _secrets.Add(Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)));
        }
    }

    public override void Write(char value)
    {
        lock (_gate)
        {
            _pending.Append(value);
            if (value == '\n')
            {
                Release();
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
            _pending.Append(value);
            if (value.EndsWith('\n'))
            {
                Release();
            }
        }
    }

    public override void WriteLine(string? value) => Write(value + "\n");

    public override void WriteLine() => Write("\n");

    public override void Flush()
    {
        lock (_gate)
        {
            Release();
            inner.Flush();
        }
    }

    protected override void Dispose(bool disposing)
    {
        Flush();
        base.Dispose(disposing);
    }

    private void Release()
    {
        if (_pending.Length == 0)
        {
            return;
        }

        var text = _pending.ToString();
        _pending.Clear();
        foreach (var secret in _secrets)
        {
            text = text.Replace(secret, Blot, StringComparison.Ordinal);
        }

        inner.Write(text);
    }
}
