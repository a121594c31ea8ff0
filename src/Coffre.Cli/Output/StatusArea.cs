using System.Text;

namespace Coffre.Cli.Output;

/// <summary>A few lines at the end of the terminal, drawn over and over in their place.</summary>
/// <remarks>
/// Nothing is erased before it is written over, so nothing flickers. Each line is cut to the width that the terminal has at that
/// moment; lines that it wrapped because it was made narrower since are counted, so that they are written over too.
/// </remarks>
internal sealed class StatusArea(TextWriter terminal, Func<(int Columns, int Rows)> size, Func<string, string> clean)
{
    private const int FewestColumns = 8;

    private readonly Lock _gate = new();
    private string[] _drawn = [];

    /// <summary>Puts these lines in the place of the last ones.</summary>
    public void Draw(IReadOnlyList<string> lines)
    {
        var (columns, rows) = Size();

        // What does not fit above the shell's next prompt is left out; the first line matters most.
        var fitting = lines.Take(Math.Max(1, rows - 2)).Select(line => TextWidth.Cut(clean(line), columns - 1)).ToArray();
        lock (_gate)
        {
            var frame = new StringBuilder(Home(columns));
            frame.AppendJoin("\r\n", fitting.Select(line => line + "\u001b[K")).Append("\u001b[J");
            terminal.Write(frame.ToString());
            terminal.Flush();
            _drawn = fitting;
        }
    }

    /// <summary>Takes the lines off, so that a message can stand there.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            if (_drawn.Length > 0)
            {
                terminal.Write(Home(Size().Columns) + "\u001b[J");
                terminal.Flush();
                _drawn = [];
            }
        }
    }

    /// <summary>Back to where the first line begins.</summary>
    private string Home(int columns)
    {
        var up = _drawn.Sum(line => Math.Max(1, (TextWidth.Of(line) + columns - 1) / columns)) - 1;
        return up > 0 ? FormattableString.Invariant($"\r\u001b[{up}A") : "\r";
    }

    private (int Columns, int Rows) Size()
    {
        var (columns, rows) = size();
        return (Math.Max(FewestColumns, columns), rows);
    }
}
