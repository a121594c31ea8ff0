using System.Globalization;
using System.Net;
using Coffre.Cli.Output;

namespace Coffre.Cli.Export;

/// <summary>One page that needs nothing else: no script, no image, no font, and a policy that forbids them.</summary>
internal static class HtmlExport
{
    private const string Style = """
        :root{color-scheme:light dark;--ink:#1c2024;--soft:#60646c;--line:#d9d9e0;--paper:#fcfcfd;--link:#0b57a4}
        @media(prefers-color-scheme:dark){:root{--ink:#edeef0;--soft:#b0b4ba;--line:#363a3f;--paper:#111113;--link:#70b8ff}}
        body{margin:0 auto;max-width:64rem;padding:1.5rem 1rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
        h1{font-size:1.4rem;margin:0;overflow-wrap:anywhere}
        p{color:var(--soft);margin:.25rem 0 1.5rem}
        table{border-collapse:collapse;width:100%;table-layout:fixed}
        caption{text-align:left;font-weight:600;padding:1.25rem 0 .25rem;overflow-wrap:anywhere}
        th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
        th{font-weight:500;color:var(--soft);font-size:.875rem}
        td:first-child{overflow-wrap:anywhere;white-space:pre-wrap}
        th:nth-child(2){width:6rem}
        th:nth-child(3){width:10rem}
        .n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
        a{color:var(--link)}
        """;

    public static void Write(ExportList list, TextWriter output)
    {
        var title = Text(list.Title);
        output.Write($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <meta name="robots" content="noindex">
            <title>{title}</title>
            <style>
            {Style}
            </style>
            </head>
            <body>
            <h1>{title}</h1>
            <p>{list.Files.Count.ToString(CultureInfo.InvariantCulture)} files, {TextStyle.Human(list.Files.Sum(file => file.File.Size))}, as of {Day(list.AsOf ?? list.Made)} UTC</p>

            """);
        foreach (var folder in list.Files.GroupBy(file => file.Folder, StringComparer.Ordinal))
        {
            Write(folder.Key, folder, output);
        }

        output.Write("</body>\n</html>\n");
    }

    private static void Write(string folder, IEnumerable<ExportFile> files, TextWriter output)
    {
        output.Write($"<table>\n<caption>{(folder.Length == 0 ? "/" : "/" + Text(folder))}</caption>\n<thead><tr><th scope=\"col\">Name</th><th scope=\"col\" class=\"n\">Size</th><th scope=\"col\" class=\"n\">Arrived (UTC)</th></tr></thead>\n<tbody>\n");
        foreach (var file in files)
        {
            var guard = file.File.HasPassword ? " (password)" : file.File.IsRestricted ? " (restricted)" : "";
            output.Write($"<tr><td>{Anchor(file)}{guard}</td><td class=\"n\">{TextStyle.Human(file.File.Size)}</td><td class=\"n\">{(file.File.Arrived is { } arrived ? Day(arrived) : "")}</td></tr>\n");
        }

        output.Write("</tbody>\n</table>\n");
    }

    /// <summary>Only what leads to a web page becomes a link.</summary>
    private static string Anchor(ExportFile file) =>
        Uri.TryCreate(file.File.Link, UriKind.Absolute, out var link) && link.Scheme is "https" or "http"
            ? $"<a href=\"{Text(file.File.Link)}\" rel=\"noopener noreferrer\">{Name(file)}</a>"
            : Name(file);

    /// <summary>A text of its own, whatever direction it is written in. What turns the direction around is shown: it makes <c>gpj.exe</c> of <c>exe.jpg</c>.</summary>
    private static string Name(ExportFile file) => $"<bdi>{Text(string.Concat(file.Name.Select(c => IsTurn(c) ? '\ufffd' : c)))}</bdi>";

    private static bool IsTurn(char c) => c is >= '\u202a' and <= '\u202e' or >= '\u2066' and <= '\u2069' or '\u200e' or '\u200f' or '\u061c';

    private static string Text(string text) => WebUtility.HtmlEncode(TextStyle.Shown(text));

    private static string Day(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
