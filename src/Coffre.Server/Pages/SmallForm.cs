namespace Coffre.Server.Pages;

/// <summary>Reads the few fields that a page of ours sends.</summary>
internal static class SmallForm
{
    private const int MaxBytes = 16 * 1024;

    /// <summary>The form of a POST; null for anything else, and for one that is too long.</summary>
    public static async ValueTask<IFormCollection?> ReadAsync(HttpContext http)
    {
        var request = http.Request;
        return HttpMethods.IsPost(request.Method) && request.HasFormContentType && request.ContentLength is <= MaxBytes
            && !request.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)
                ? await request.ReadFormAsync(http.RequestAborted)
                : null;
    }
}
