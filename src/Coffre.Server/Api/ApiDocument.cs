using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Coffre.Server.Api;

/// <summary>The OpenAPI document. It is made at the first request, of operations that stay as they are, and kept.</summary>
internal sealed class ApiDocument(IServiceProvider services)
{
    private const string Name = "v1";

    // Two that ask first at the same time make the same bytes.
    private volatile byte[]? _bytes;

    public async Task WriteAsync(HttpContext http)
    {
        var bytes = _bytes ??= await MakeAsync(http.RequestAborted);
        http.Response.ContentType = "application/json;charset=utf-8";
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private async Task<byte[]> MakeAsync(CancellationToken cancellationToken)
    {
        var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync(cancellationToken);
        using var buffer = new MemoryStream();
        await document.SerializeAsJsonAsync(buffer, OpenApiSpecVersion.OpenApi3_1, cancellationToken);
        return buffer.ToArray();
    }
}
