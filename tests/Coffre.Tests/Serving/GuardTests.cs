using System.IO.Pipelines;
using Coffre.Server.Door;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Coffre.Tests.Serving;

public sealed class GuardTests
{
    [Fact]
    public async Task A_client_that_resets_its_stream_is_gone_and_no_trouble_of_the_servers()
    {
        var (http, log) = await ReadBrokenAsync(new IOException("The client reset the request stream."));
        Assert.Equal(StatusCodes.Status499ClientClosedRequest, http.Response.StatusCode);
        Assert.Empty(log.Troubles);
    }

    [Fact]
    public async Task A_disk_that_breaks_is_the_servers_trouble()
    {
        var (http, log) = await RunAsync(_ => throw new IOException("The disk is gone."));
        Assert.Equal(StatusCodes.Status500InternalServerError, http.Response.StatusCode);
        Assert.Single(log.Troubles);
    }

    private static Task<(HttpContext Http, LogLines Log)> ReadBrokenAsync(IOException exception) =>
        RunAsync(
            async http => await http.Request.BodyReader.ReadAsync(),
            http =>
            {
                var pipe = new Pipe();
                pipe.Writer.Complete(exception);
                http.Features.Set<IRequestBodyPipeFeature>(new Body(pipe.Reader));
            });

    private static async Task<(HttpContext Http, LogLines Log)> RunAsync(RequestDelegate next, Action<HttpContext>? prepare = null)
    {
        using var log = new LogLines();
        using var factory = new LoggerFactory([log]);
        var http = new DefaultHttpContext();
        prepare?.Invoke(http);
        await new Guard(next, TimeProvider.System, factory.CreateLogger<Guard>()).InvokeAsync(http);
        return (http, log);
    }

    private sealed record Body(PipeReader Reader) : IRequestBodyPipeFeature;
}
