using System.Text;
using System.Text.Encodings.Web;

namespace Coffre.Server.Pages;

/// <summary>A plain page: no script, no foreign content, readable on a telephone and in the dark.</summary>
internal static class Page
{
    private const string Style =
        """
        :root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
        body{max-width:44rem;margin:3rem auto;padding:0 1rem}
        h1{font-size:1.4rem;overflow-wrap:anywhere}
        table{border-collapse:collapse;width:100%}
        th,td{text-align:left;padding:.35rem .6rem .35rem 0;vertical-align:top;overflow-wrap:anywhere}
        th{font-weight:600;white-space:nowrap}
        code{overflow-wrap:anywhere;font-size:.85em}
        button{font:inherit;font-weight:600;padding:.6rem 1.4rem;border:0;border-radius:.4rem;background:#1f5fbf;color:#fff;cursor:pointer}
        button:hover,button:focus-visible{background:#184a96}
        input{font:inherit;padding:.5rem;border:1px solid #888;border-radius:.4rem}
        .trouble{color:#b3261e;font-weight:600}
        @media(prefers-color-scheme:dark){.trouble{color:#ff8a80}}
        """;

    /// <param name="response">Where to.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="title">Plain text; encoded here.</param>
    /// <param name="body">HTML, encoded by the caller.</param>
    public static async Task WriteAsync(HttpResponse response, int status, string title, string body)
    {
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";
        var encoded = HtmlEncoder.Default.Encode(title);
        var html = Encoding.UTF8.GetBytes(
            $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{encoded}</title>
            <style>{Style}</style></head>
            <body>
            <h1>{encoded}</h1>
            {body}
            </body>
            </html>

            """);
        response.ContentLength = html.Length;
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
        {
            await response.BodyWriter.WriteAsync(html, response.HttpContext.RequestAborted);
        }
    }
}
