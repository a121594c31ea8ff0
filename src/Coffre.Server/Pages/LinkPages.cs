using System.Globalization;
using System.Text.Encodings.Web;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Door;
using Coffre.Server.Downloads;
using Coffre.Server.Files;
using Coffre.Server.Settings;
using Coffre.Server.Sharing;

namespace Coffre.Server.Pages;

/// <summary>What people see: the page of a link (<c>/?id</c>), the page that removes (<c>/remove/id/code</c>), the front page.</summary>
internal sealed class LinkPages(LinkResolver resolver, CallerFinder callers, TokenEndpoints tokens, AccountDesk accounts, FileDesk desk, PublicAddress address) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Map("/", ShowAsync);
        routes.Map("/remove/{link}/{code}", RemoveAsync);
    }

    private async Task ShowAsync(HttpContext http)
    {
        var query = http.Request.QueryString.Value ?? "";
        if (query.Length <= 1)
        {
            await Page.WriteAsync(
                http.Response, StatusCodes.Status200OK, "Coffre",
                "<p>A file host that opens with one key. Links to files look like <code>/?abcdefghij0123456789</code>.</p>");
            return;
        }

        var isPost = HttpMethods.IsPost(http.Request.Method);
        var password = (await SmallForm.ReadAsync(http))?["pass"].ToString();
        var caller = await callers.FindAsync(http);
        var asker = Asker.Of(http, caller.IsFault ? null : caller.Value);
        http.Items[typeof(Caller)] = asker.Caller;
        var file = await resolver.ResolveAsync(new FileAddress(query, Password: password), asker, http.RequestAborted);
        var inline = query.Contains("&inline=1", StringComparison.Ordinal);
        if (query.Contains("&e=1", StringComparison.Ordinal))
        {
            await LinkLine.WriteAsync(http.Response, LinkLine.Of(address.Base(http.Request) + "/" + query[..query.IndexOf('&', StringComparison.Ordinal)], file));
            return;
        }

        if (!file.IsFault && (isPost || await GoesStraightAsync(asker, http.RequestAborted)))
        {
            http.Response.Headers.CacheControl = "no-store";
            http.Response.Redirect(tokens.UrlOf(http.Request, file.Value, inline, asker.Caller));
            return;
        }

        await (file.IsFault ? RefuseAsync(http, file.Fault) : DescribeAsync(http, query, file.Value.File));
    }

    /// <summary>Whoever is signed in gets the bytes at once, unless it prefers to see the page first.</summary>
    private async ValueTask<bool> GoesStraightAsync(Asker asker, CancellationToken cancellationToken) =>
        asker.Caller is { } caller && (await accounts.PreferencesAsync(caller.AccountId, cancellationToken)).DownloadMenu == 0;

    private async Task RemoveAsync(HttpContext http, string link, string code)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            await Page.WriteAsync(
                http.Response, StatusCodes.Status200OK, "Remove this file?",
                """<form method="post"><input type="hidden" name="force" value="1"><button>Remove it</button></form>""");
            return;
        }

        var removed = await desk.RemoveByCodeAsync(link, code, http.RequestAborted);
        await (removed.IsFault
            ? NoSuchFileAsync(http)
            : Page.WriteAsync(http.Response, StatusCodes.Status200OK, "The file was removed", ""));
    }

    private Task DescribeAsync(HttpContext http, string query, FileRow file)
    {
        var name = HtmlEncoder.Default.Encode(file.Name);
        var action = HtmlEncoder.Default.Encode("/" + query);
        var link = HtmlEncoder.Default.Encode(address.Link(http.Request, file.PublicLink));
        var body = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <table class="premium">
            <tr><th>File</th><td class="normal">{name}</td></tr>
            <tr><th>Size</th><td class="normal">{ByteCount.Format(file.Length)} ({file.Length} bytes)</td></tr>
            <tr><th>Date</th><td class="normal">{file.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC</td></tr>
            <tr><th>Link</th><td class="normal"><a href="{link}">{link}</a></td></tr>
            <tr><th>Whirlpool</th><td class="normal"><code>{file.ChecksumText}</code></td></tr>
            </table>
            <form method="post" action="{action}"><p><button>Download</button></p></form>
            """);
        return Page.WriteAsync(http.Response, StatusCodes.Status200OK, file.Name, body);
    }

    private static Task RefuseAsync(HttpContext http, Fault fault)
    {
        if (fault.Code == KoCode.NotAllowed)
        {
            return Page.WriteAsync(
                http.Response, StatusCodes.Status403Forbidden, "Access to this file is protected",
                $"<p>Its owner has reserved it: {HtmlEncoder.Default.Encode(fault.Detail ?? "you may not download it")}.</p>");
        }

        if (fault.Code == KoCode.AccountSuspended)
        {
            return Page.WriteAsync(
                http.Response, StatusCodes.Status403Forbidden, "Access to this file is protected", "<p>The account of its owner is locked.</p>");
        }

        if (fault.Code == KoCode.TooManySignIns)
        {
            return PasswordPage.WriteWaitAsync(http, fault);
        }

        if (fault.Code is not (KoCode.PasswordMissing or KoCode.PasswordWrong))
        {
            return fault.Code == KoCode.NotAuthenticated
                ? Page.WriteAsync(http.Response, StatusCodes.Status403Forbidden, "Access to this file is protected", "<p>Downloads here need an API key.</p>")
                : NoSuchFileAsync(http);
        }

        return PasswordPage.WriteAsync(http, "Access to this file is protected", "Download", fault.Code == KoCode.PasswordWrong);
    }

    private static Task NoSuchFileAsync(HttpContext http) =>
        Page.WriteAsync(
            http.Response, StatusCodes.Status404NotFound, "File not found",
            "<p>There is no file behind this link: it was removed, or the link has a typing error.</p>");
}
