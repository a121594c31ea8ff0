using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Coffre.Server.Door;

/// <summary>A request's body that ends the same way over every version of HTTP when its client goes away: as a reset connection.</summary>
/// <remarks>
/// HTTP/1 says so by itself. A stream of HTTP/2 that its client resets is a bare <see cref="IOException"/>, which could as well be
/// the disk's, and may be seen before the request counts as aborted. What breaks HTTP's own rules has a cause inside and stays.
/// </remarks>
internal sealed class ClientBody(PipeReader inner) : PipeReader, IRequestBodyPipeFeature
{
    public PipeReader Reader => this;

    /// <summary>From here on the request's body is read through one of these, unless HTTP/1 does the same by itself.</summary>
    public static void Wrap(HttpContext http)
    {
        if (HttpProtocol.IsHttp11(http.Request.Protocol) || http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return;
        }

        if (http.Features.Get<IRequestBodyPipeFeature>() is { } body)
        {
            http.Features.Set<IRequestBodyPipeFeature>(new ClientBody(body.Reader));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.ReadAsync(cancellationToken);
        }
        catch (IOException exception) when (IsReset(exception))
        {
            throw new ConnectionResetException(exception.Message, exception);
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        try
        {
            return inner.TryRead(out result);
        }
        catch (IOException exception) when (IsReset(exception))
        {
            throw new ConnectionResetException(exception.Message, exception);
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private static bool IsReset(IOException exception) => exception.GetType() == typeof(IOException) && exception.InnerException is null;
}
