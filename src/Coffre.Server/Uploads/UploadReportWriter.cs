using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Coffre.Protocol.V1;
using Coffre.Server.Door;
using Coffre.Server.Pages;

namespace Coffre.Server.Uploads;

/// <summary>The report of an upload in the three forms of <c>end.pl</c>: JSON, lines with semicolons, a page for people.</summary>
internal sealed class UploadReportWriter(PublicAddress address)
{
    /// <summary>The answer of <c>upload.cgi</c>: go and fetch the report.</summary>
    public Task WriteRedirectAsync(HttpResponse response, string id)
    {
        response.Headers.Location = $"{V1Paths.UploadEnd}?xid={id}";
        return Page.WriteAsync(
            response, StatusCodes.Status302Found, "Upload finished",
            $"<p>Moved ! Temporary Redirect: <a href=\"{V1Paths.UploadEnd}?xid={id}\">the links</a></p>");
    }

    public Task WriteAsync(HttpContext http, FinishedUpload upload)
    {
        if (upload.IsLate)
        {
            // Whatever form was asked for: that is how the protocol waits.
            return Page.WriteAsync(http.Response, StatusCodes.Status200OK, "Please wait", "<p>Veuillez patienter. Please wait, the files are being checked.</p>");
        }

        if (Wish(http.Request, "JSON") is { } json)
        {
            return KoWriter.WriteAsync(http.Response, ToReport(http.Request, upload), V1Json.Default.UploadReport, pretty: json == "2");
        }

        return Wish(http.Request, "EXPORT") is not null
            ? WriteExportAsync(http.Response, upload)
            : WritePageAsync(http, upload);
    }

    /// <summary>What the client asked for in a header, or (as one transcription has it) in the query.</summary>
    private static string? Wish(HttpRequest request, string name)
    {
        var value = request.Headers[name].ToString();
        if (value.Length == 0)
        {
            value = request.Query[name].ToString();
        }

        return value is "1" or "2" ? value : null;
    }

    private UploadReport ToReport(HttpRequest request, FinishedUpload upload) => new()
    {
        Incoming = upload.IsIncoming ? 1 : 0,
        Links = [.. upload.Files.Select(file => new UploadedLink
        {
            Download = LinkOf(request, upload, file),
            FileName = file.Name,
            Remove = file.RemovalCode is { } code ? address.Removal(request, file.PublicLink, code) : "",
            Size = file.Length.ToString(CultureInfo.InvariantCulture),
            Whirlpool = Convert.ToHexStringLower(file.Checksum),
        })],
    };

    /// <summary>The link; of what lies in a member's incoming folder only the member may have it.</summary>
    private string LinkOf(HttpRequest request, FinishedUpload upload, UploadedFile file) =>
        upload.IsIncoming ? "" : address.Link(request, file.PublicLink);

    /// <summary>A line a file: name, size, link id, removal code, domain, incoming.</summary>
    private static async Task WriteExportAsync(HttpResponse response, FinishedUpload upload)
    {
        var text = new StringBuilder();
        foreach (var file in upload.Files)
        {
            text.Append(CultureInfo.InvariantCulture, $"{file.Name.Replace(';', '_')};{file.Length};{(upload.IsIncoming ? "" : file.PublicLink.Id)};{file.RemovalCode};{file.PublicLink.Domain};{(upload.IsIncoming ? 1 : 0)}\n");
        }

        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.XContentTypeOptions = "nosniff";
        await response.WriteAsync(text.ToString());
    }

    private Task WritePageAsync(HttpContext http, FinishedUpload upload)
    {
        var rows = new StringBuilder(
            "<table class=\"premium\">\n<tr><th>File</th><th>Size</th><th>Download link</th><th>Removal link</th></tr>\n");
        foreach (var file in upload.Files)
        {
            var link = HtmlEncoder.Default.Encode(LinkOf(http.Request, upload, file));
            var removal = file.RemovalCode is { } code ? HtmlEncoder.Default.Encode(address.Removal(http.Request, file.PublicLink, code)) : null;
            rows.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"normal\">{HtmlEncoder.Default.Encode(file.Name)}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td class=\"normal\">{Settings.ByteCount.Format(file.Length)}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td class=\"normal\"><a href=\"{link}\">{link}</a></td>")
                .Append(removal is null ? "<td class=\"normal\">--</td></tr>\n" : $"<td class=\"normal\"><a href=\"{removal}\">{removal}</a></td></tr>\n");
        }

        return Page.WriteAsync(http.Response, StatusCodes.Status200OK, "Upload finished", rows.Append("</table>").ToString());
    }
}
