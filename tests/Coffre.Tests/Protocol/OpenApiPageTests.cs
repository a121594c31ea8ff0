using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Protocol.Api;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Protocol;

/// <summary>The OpenAPI document: what the server tells is what it answers, and what docs/protocol/openapi.json has.</summary>
public sealed class OpenApiPageTests
{
    [Fact]
    public async Task The_document_in_the_docs_is_the_one_that_the_server_tells()
    {
        await using var server = await TestServer.StartAsync();
        var told = (await server.ApiAsync("GET", "openapi.json", null, "")).Text.ReplaceLineEndings("\n").TrimEnd();
        var page = Path.Combine(Repository(), "docs", "protocol", "openapi.json");
        var kept = File.Exists(page) ? (await File.ReadAllTextAsync(page)).TrimEnd() : "";
        if (told != kept)
        {
            // What is to be looked at, and then to be put in its place.
            await File.WriteAllTextAsync(Path.Combine(Repository(), "artifacts", "openapi.json"), told + "\n");
        }

        Assert.True(told == kept, "docs/protocol/openapi.json is out of date: compare it with artifacts/openapi.json, and put that in its place if it is meant so.");
    }

    [Fact]
    public async Task Every_operation_is_in_the_document_with_a_name_a_summary_and_an_answer()
    {
        await using var server = await TestServer.StartAsync();
        var document = (await server.ApiAsync("GET", "openapi.json", null, "")).Json;
        var routes = server.Routes.Where(route => route.StartsWith(ApiPaths.Root + "/", StringComparison.Ordinal) && route != ApiPaths.OpenApi).Distinct(StringComparer.Ordinal);
        Assert.Equal(routes.Order(StringComparer.Ordinal), document.GetProperty("paths").EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal));
        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Select(operation => operation.Value).ToList();
        Assert.Equal(operations.Count, operations.Select(operation => operation.GetProperty("operationId").GetString()).Distinct().Count());
        Assert.All(operations, operation =>
        {
            Assert.EndsWith(".", operation.GetProperty("summary").GetString(), StringComparison.Ordinal);
            Assert.Contains(operation.GetProperty("responses").EnumerateObject(), answer => answer.Name.StartsWith('2') && answer.Value.TryGetProperty("content", out _));
        });
    }

    /// <summary>Answers tell secrets only where one was just made: no digest, password or secret leaves by a member that was forgotten.</summary>
    [Fact]
    public void No_answer_has_a_member_that_sounds_like_a_secret_but_those_that_are_meant()
    {
        string[] suspicious = ["secret", "digest", "hash", "password", "pepper", "token", "salt", "sealed"];
        var records = typeof(ApiPaths).Assembly.GetTypes().Where(type => type.Namespace == typeof(ApiPaths).Namespace && !type.Name.EndsWith("Request", StringComparison.Ordinal)
            && !type.IsAssignableTo(typeof(JsonSerializerContext)));
        var found = records.SelectMany(type => type.GetProperties().Where(property => property.PropertyType != typeof(bool)).Select(property => $"{type.Name}.{JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)}"))
            .Where(name => suspicious.Any(word => name.Split('.')[1].Contains(word, StringComparison.Ordinal)));
        Assert.Equal(["NewInvitationAnswer.secret", "NewKeyAnswer.secret", "SignInAnswer.token", "TwoStepSecretAnswer.secret"], found.Order(StringComparer.Ordinal));
    }

    private static string Repository([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
