using System.Text;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Access;
using Coffre.Server.Door;

namespace Coffre.Server.Sharing;

/// <summary><c>check_links.pl</c>: asks after up to 100 links without a key; a line each. See docs/protocol/download.md.</summary>
internal sealed class CheckLinksEndpoint(LinkResolver resolver) : IEndpoints
{
    private const int MaxLinks = 100;
    private const long MaxFormBytes = 256 * 1024;

    public void Map(IEndpointRouteBuilder routes) => routes.Map(V1Paths.CheckLinks, CheckAsync);

    private async Task CheckAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || !http.Request.HasFormContentType)
        {
            await KoWriter.WriteFaultAsync(http.Response, new Fault(KoCode.MalformedRequest, "POST with form fields links[]"));
            return;
        }

        if (http.Request.ContentLength is null or > MaxFormBytes)
        {
            await KoWriter.WriteFaultAsync(http.Response, new Fault(KoCode.BodyTooLarge, $"at most {MaxFormBytes} bytes"));
            return;
        }

        IFormCollection form;
        try
        {
            form = await http.Request.ReadFormAsync(http.RequestAborted);
        }
        catch (InvalidDataException)
        {
            await KoWriter.WriteFaultAsync(http.Response, new Fault(KoCode.MalformedRequest, "the form"));
            return;
        }

        var links = form["links[]"];
        if (links.Count > MaxLinks)
        {
            await KoWriter.WriteFaultAsync(http.Response, new Fault(KoCode.TooManyItems, $"at most {MaxLinks}"));
            return;
        }

        var lines = new StringBuilder();
        foreach (var link in links)
        {
            lines.Append(await LineAsync(http, link ?? "")).Append('\n');
        }

        await LinkLine.WriteAsync(http.Response, lines.ToString());
    }

    private async Task<string> LineAsync(HttpContext http, string link) =>
        LinkId.TryFind(link, out _)
            ? LinkLine.Of(link, await resolver.ResolveAsync(new FileAddress(link), Asker.Of(http, null), http.RequestAborted))
            : LinkLine.OfNoLink(link);
}
