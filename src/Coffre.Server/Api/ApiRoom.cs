using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Server.Door;

namespace Coffre.Server.Api;

/// <summary>What this room consists of.</summary>
internal static class ApiRoom
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<JsonBody>().AddSingleton<ApiDoor>().AddSingleton<ApiDocument>();
        services.ConfigureHttpJsonOptions(json =>
        {
            // For the schemas of the document; answers are written with the same context.
            json.SerializerOptions.TypeInfoResolver = ApiJson.Default;
            json.SerializerOptions.PropertyNamingPolicy = ApiJson.Default.Options.PropertyNamingPolicy;
        });
        services.AddOpenApi(OpenApiTexts.Describe);
    }

    /// <summary>Maps the document, and what answers a method that an address does not take. After all operations.</summary>
    public static void Map(WebApplication app)
    {
        app.MapGet(ApiPaths.OpenApi, app.Services.GetRequiredService<ApiDocument>().WriteAsync);
        var operations = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints)
            .Select(endpoint => endpoint.Metadata.GetMetadata<ApiRoute>()).OfType<ApiRoute>().ToLookup(route => route.Path, route => route.Method, StringComparer.Ordinal);
        foreach (var path in operations)
        {
            var allowed = string.Join(", ", path.Order(StringComparer.Ordinal));
            app.Map(path.Key, (HttpContext http) =>
            {
                // An operation that takes this method passes over bodies that are not JSON.
                if (path.Contains(http.Request.Method, StringComparer.OrdinalIgnoreCase))
                {
                    return KoWriter.WriteFaultAsync(http.Response, new Fault(KoCode.ContentTypeNotJson));
                }

                http.Response.Headers.Allow = allowed;
                return KoWriter.WriteFaultAsync(http.Response, new Fault(KoCode.MethodNotAllowed, allowed));
            });
        }
    }
}
