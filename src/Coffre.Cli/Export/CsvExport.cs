using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Coffre.Cli.Export;

/// <summary>CSV as RFC 4180 has it: comma, CRLF, quotes doubled.</summary>
/// <remarks>
/// A name that a spreadsheet would take for a formula (it begins with <c>= + - @</c>, a tab or a line end) gets an apostrophe before it: others
/// chose the names, and a formula can send data elsewhere. So does a formula behind <c>;</c>, a tab or a line end, for spreadsheets that
/// separate cells there: they know no quotes in the middle of theirs. Whoever needs the exact names takes JSON.
/// </remarks>
internal static partial class CsvExport
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",;\t\"\r\n");

    public static void Write(ExportList list, TextWriter output)
    {
        Line(output, "path", "name", "size", "arrived", "link", "whirlpool", "type", "access");
        foreach (var file in list.Files)
        {
            Line(
                output,
                file.Path,
                file.Name,
                file.File.Size.ToString(CultureInfo.InvariantCulture),
                file.File.Arrived?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "",
                file.File.Link,
                file.File.Checksum ?? "",
                file.File.ContentType ?? "",
                file.File.HasPassword ? "password" : file.File.IsRestricted ? "rules" : "open");
        }
    }

    private static void Line(TextWriter output, params ReadOnlySpan<string> cells)
    {
        for (var at = 0; at < cells.Length; at++)
        {
            output.Write(at == 0 ? "" : ",");
            output.Write(Cell(cells[at]));
        }

        output.Write("\r\n");
    }

    private static string Cell(string text)
    {
        // Some programs look past blanks at the front.
        var isFormula = text.AsSpan().TrimStart(' ') is { Length: > 0 } rest && "=+-@\t\r\n＝＋－＠".Contains(rest[0], StringComparison.Ordinal);
        var safe = (isFormula ? "'" : "") + InnerFormula().Replace(text, "'");
        return safe.AsSpan().ContainsAny(Quoted) || safe.StartsWith(' ') || safe.EndsWith(' ')
            ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    // Where a cell of another separator may begin, before what makes it a formula.
    [GeneratedRegex("""(?<=[;\t\r\n][ "]*)(?=[=+@＝＋－＠-])""")]
    private static partial Regex InnerFormula();
}
