using Coffre.Protocol;
using Coffre.Protocol.Api;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Coffre.Server.Api;

/// <summary>What the OpenAPI document says beyond what the records say themselves.</summary>
internal static class OpenApiTexts
{
    private const string Bearer = "bearer";

    public static void Describe(OpenApiOptions options)
    {
        options.ShouldInclude = description => description.ActionDescriptor.EndpointMetadata.OfType<ApiRoute>().Any();
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Coffre",
                Version = "1",
                Description = "The native API of coffre-server. Answers may get new members; a program passes over those that it does not know. Refusals are application/problem+json; their member code tells which.",
            };
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = Bearer, Description = "An API key, or the token of a session." },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, token) =>
        {
            var route = context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiRoute>().Single();
            operation.Summary = route.Summary;
            operation.Description = Text(route);
            operation.Tags = new HashSet<OpenApiTagReference> { new(route.Path.Split('/')[2], context.Document) };
            operation.Parameters = [.. Parameters(route)];
            operation.Responses ??= [];
            operation.Responses["default"] = new OpenApiResponse
            {
                Description = "A refusal.",
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [Problem.MediaType] = new OpenApiMediaType { Schema = await context.GetOrCreateSchemaAsync(typeof(Problem), parameterDescription: null, token) } },
            };
            if (route.Right != ApiRight.Anyone)
            {
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
            }
        });
    }

    private static string? Text(ApiRoute route)
    {
        var scope = route.Right switch
        {
            ApiRight.Session => "Wants a session.",
            ApiRight.FreshSession => $"Wants a session whose password was typed within five minutes: POST {ApiPaths.ConfirmSession}.",
            ApiRight.Caller when route.Scope != KeyScopes.None => $"Wants a key with the scope {string.Join(", ", KeyScopeNames.Of(route.Scope))}, or a session.",
            _ => null,
        };
        return (route.Description, scope) switch
        {
            (null, null) => null,
            ({ } text, null) => text,
            (null, { } wants) => wants,
            ({ } text, { } wants) => $"{text} {wants}",
        };
    }

    private static IEnumerable<OpenApiParameter> Parameters(ApiRoute route)
    {
        if (route.Path.Contains("{id}", StringComparison.Ordinal))
        {
            yield return new OpenApiParameter
            {
                Name = "id", In = ParameterLocation.Path, Required = true, Description = "Its number.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
            };
        }

        if (route.IsListing)
        {
            yield return new OpenApiParameter
            {
                Name = "cursor", In = ParameterLocation.Query, Description = "What the page before gave as next.", Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            };
            yield return new OpenApiParameter
            {
                Name = "limit", In = ParameterLocation.Query, Description = $"At most so many items: 1 to {Listing<object>.MaxLimit}, {Listing<object>.DefaultLimit} if absent.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.Integer },
            };
        }
    }
}
