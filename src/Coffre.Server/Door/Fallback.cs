using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Pages;

namespace Coffre.Server.Door;

/// <summary>What is nowhere: a refusal below <c>/v1</c> and <c>/api</c>, a page elsewhere.</summary>
internal static class Fallback
{
    public static Task AnswerAsync(HttpContext http) =>
        http.Request.Path.StartsWithSegments(V1Paths.Root.TrimEnd('/'), StringComparison.Ordinal) || ProblemWriter.IsFor(http.Request)
            ? KoWriter.WriteFaultAsync(http.Response, new Fault(KoCode.NoSuchCall))
            : Page.WriteAsync(http.Response, StatusCodes.Status404NotFound, "Not found", "<p>There is nothing at this address.</p>");
}
