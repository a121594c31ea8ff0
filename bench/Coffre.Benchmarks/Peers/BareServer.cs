using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Coffre.Benchmarks.Peers;

/// <summary>Kestrel as it comes, routing and one endpoint that reads nothing and answers a constant.</summary>
internal static class BareServer
{
    public static async Task RunAsync(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}");
        builder.Services.AddRoutingCore();
        await using var app = builder.Build();
        app.UseRouting();
        var answer = "{\"status\":\"OK\",\"items\":[],\"count\":0,\"pad\":\"of about the length of a short answer\"}"u8.ToArray();
        app.Map("/bare", async (HttpContext http) =>
        {
            http.Response.ContentType = "application/json; charset=utf-8";
            http.Response.ContentLength = answer.Length;
            await http.Response.Body.WriteAsync(answer);
        });
        await app.RunAsync();
    }
}
