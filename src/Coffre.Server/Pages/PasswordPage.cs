using System.Text.Encodings.Web;

namespace Coffre.Server.Pages;

/// <summary>Asks for the password of what a link leads to; sends it to the same address.</summary>
internal static class PasswordPage
{
    public static Task WriteAsync(HttpContext http, string title, string button, bool wasWrong)
    {
        var action = HtmlEncoder.Default.Encode(http.Request.Path + http.Request.QueryString.ToString());
        var wrong = wasWrong ? "<p class=\"trouble\" role=\"alert\">This password is not right.</p>" : "";
        return Page.WriteAsync(
            http.Response,
            wasWrong ? StatusCodes.Status403Forbidden : StatusCodes.Status200OK,
            title,
            $"""
            {wrong}
            <form method="post" action="{action}">
            <p><label>Password<br><input type="password" name="pass" autocomplete="off" autofocus required></label></p>
            <p><button>{button}</button></p></form>
            """);
    }
}
