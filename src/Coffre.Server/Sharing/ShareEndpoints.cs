using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Pages;
using Coffre.Server.Settings;

namespace Coffre.Server.Sharing;

/// <summary><c>folder/share.cgi</c> and the public page of a folder, <c>/dir/&lt;id&gt;</c>. See docs/protocol/folders.md.</summary>
internal sealed class ShareEndpoints(V1Door door, ShareDesk desk, PublicAddress address) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        door.Map(routes, V1Paths.FolderShare, KeyScopes.Share, V1Json.Default.FolderShareRequest, V1Json.Default.FolderShareAnswer, ChangeAsync);
        routes.Map("/dir/{link}", ShowAsync);
        routes.Map("/{language:length(2)}/dir/{link}", ShowAsync);
    }

    private async ValueTask<Outcome<FolderShareAnswer>> ChangeAsync(V1Call<FolderShareRequest> call)
    {
        var link = await desk.ChangeAsync(call.Caller.Reach, call.Request, call.Cancelled);
        return link.Map(id => new FolderShareAnswer
        {
            Status = V1Answer.Ok,
            Url = id is null ? null : address.FolderLink(call.Http.Request, id),
        });
    }

    private async Task ShowAsync(HttpContext http, string link)
    {
        var form = await SmallForm.ReadAsync(http);
        var wantsJson = http.Request.Query["json"].ToString() == "1" || form?["json"].ToString() == "1";
        var page = await desk.OpenAsync(link, form?["pass"], http.Connection.RemoteIpAddress, http.RequestAborted);
        if (page.IsFault)
        {
            await RefuseAsync(http, page.Fault);
            return;
        }

        var (folder, files) = page.Value;
        await (wantsJson ? WriteJsonAsync(http, files) : WritePageAsync(http, folder.Name, files));
    }

    private Task WriteJsonAsync(HttpContext http, IReadOnlyList<FileRow> files) =>
        KoWriter.WriteAsync<IReadOnlyList<SharedFile>>(
            http.Response,
            [.. files.Select(file => new SharedFile
            {
                FileName = file.Name,
                Size = file.Length,
                Link = address.Link(http.Request, file.PublicLink),
                Password = file.Password is null ? 0 : 1,
                Acl = file.Rules is null ? 0 : 1,
            })],
            V1Json.Default.IReadOnlyListSharedFile,
            pretty: false);

    private Task WritePageAsync(HttpContext http, string name, IReadOnlyList<FileRow> files)
    {
        var rows = new StringBuilder("<table class=\"premium\">\n<tr><th>File</th><th>Size</th></tr>\n");
        foreach (var file in files)
        {
            var link = HtmlEncoder.Default.Encode(address.Link(http.Request, file.PublicLink));
            rows.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"normal\"><a href=\"{link}\">{HtmlEncoder.Default.Encode(file.Name)}</a></td>")
                .Append(CultureInfo.InvariantCulture, $"<td class=\"normal\">{ByteCount.Format(file.Length)}</td></tr>\n");
        }

        return Page.WriteAsync(
            http.Response, StatusCodes.Status200OK, name, files.Count == 0 ? "<p>There is nothing in this folder.</p>" : rows.Append("</table>").ToString());
    }

    /// <summary>Without the right password tools and people get the same page, as on 1fichier.</summary>
    private static Task RefuseAsync(HttpContext http, Fault fault)
    {
        if (fault.Code == KoCode.TooManySignIns)
        {
            return PasswordPage.WriteWaitAsync(http, fault);
        }

        if (fault.Code is not (KoCode.PasswordMissing or KoCode.PasswordWrong))
        {
            return Page.WriteAsync(
                http.Response, StatusCodes.Status404NotFound, "Folder not found",
                "<p>There is no folder behind this address: it is no longer shared, or the address has a typing error.</p>");
        }

        return PasswordPage.WriteAsync(http, "Access to this folder is protected", "Open", fault.Code == KoCode.PasswordWrong);
    }
}
