using System.Text.Encodings.Web;
using Coffre.Server.Door;

namespace Coffre.Server.Pages;

/// <summary>Asks for the password of what a link leads to; sends it to the same address.</summary>
internal static class PasswordPage
{
    /// <summary>For whoever guessed too often.</summary>
    public static Task WriteWaitAsync(HttpContext http, Fault fault)
    {
        KoWriter.SetRetryAfter(http.Response, fault);
        return Page.WriteAsync(
            http.Response, StatusCodes.Status429TooManyRequests, "Too many wrong passwords",
            $"<p class=\"trouble\" role=\"alert\">Try again in {Math.Max(1, Math.Ceiling(fault.RetryAfter?.TotalSeconds ?? 1))} seconds.</p>");
    }

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
