using System.Text;
using Coffre.Cli.Output;

namespace Coffre.Tests.Cli;

/// <summary>As much of a terminal as progress needs: wraps long lines, moves up, erases; made narrower, it wraps what stands there anew, as real ones do.</summary>
internal sealed class MiniTerminal(int columns) : TextWriter
{
    // Logical lines: what was written between two line ends. Rows follow from the width.
    private readonly List<StringBuilder> _lines = [new()];
    private int _columns = columns;
    private int _row;
    private int _column;

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>How often something was taken off before something else stood in its place: what people see as flicker.</summary>
    public int Blanks { get; private set; }

    public string[] Screen => [.. Rows().Select(row => row.TrimEnd())];

    public void Resize(int columns)
    {
        // The cursor stays with the text before it.
        var (line, offset) = Place();
        _columns = columns;
        var isAtEdge = offset > 0 && offset % columns == 0;
        _row = _lines.Take(line).Sum(Height) + (offset / columns) - (isAtEdge ? 1 : 0);
        _column = isAtEdge ? columns : offset % columns;
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        for (var i = 0; i < value!.Length; i++)
        {
            if (value[i] == '\u001b')
            {
                var end = value.IndexOfAny(['A', 'J', 'K'], i);
                Control(value[end], end - i > 2 ? int.Parse(value[(i + 2)..end], System.Globalization.CultureInfo.InvariantCulture) : 1);
                i = end;
            }
            else
            {
                Put(value[i]);
            }
        }
    }

    private void Control(char what, int count)
    {
        var (line, offset) = Place();
        switch (what)
        {
            case 'A':
                _row = Math.Max(0, _row - count);
                break;
            case 'K':
                _lines[line].Length = Math.Min(_lines[line].Length, offset);
                break;
            default:
                Blanks += offset == 0 && _lines[line].Length > 0 ? 1 : 0;
                _lines[line].Length = Math.Min(_lines[line].Length, offset);
                _lines.RemoveRange(line + 1, _lines.Count - line - 1);
                break;
        }
    }

    private void Put(char value)
    {
        if (value == '\r')
        {
            _column = 0;
            return;
        }

        if (value != '\n' && _column == _columns)
        {
            (_row, _column) = (_row + 1, 0);
        }

        var (line, offset) = Place();
        if (value == '\n')
        {
            if (line + 1 == _lines.Count)
            {
                _lines.Add(new StringBuilder());
            }

            // A line that was wrapped ends some rows below.
            _row = _lines.Take(line + 1).Sum(Height);
            _column = 0;
            return;
        }

        while (_lines[line].Length <= offset)
        {
            _lines[line].Append(' ');
        }

        // At the right edge the cursor waits for what comes next.
        _lines[line][offset] = value;
        _column++;
    }

    /// <summary>Which logical line the cursor is in, and where.</summary>
    private (int Line, int Offset) Place()
    {
        var row = _row;
        for (var i = 0; i < _lines.Count; i++)
        {
            if (row < Height(_lines[i]) || i == _lines.Count - 1)
            {
                return (i, (row * _columns) + _column);
            }

            row -= Height(_lines[i]);
        }

        throw new InvalidOperationException("There is always a line.");
    }

    private int Height(StringBuilder line) => Math.Max(1, (TextWidth.Of(line.ToString()) + _columns - 1) / _columns);

    private IEnumerable<string> Rows()
    {
        foreach (var text in _lines.Select(line => line.ToString()))
        {
            for (var i = 0; i < Math.Max(1, text.Length); i += _columns)
            {
                yield return text.Substring(i, Math.Min(_columns, text.Length - i));
            }
        }
    }
}
