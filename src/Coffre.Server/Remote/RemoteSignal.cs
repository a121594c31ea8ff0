using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Coffre.Server.Remote;

/// <summary>Tells the worker that something waits, and others how far the worker is.</summary>
internal sealed class RemoteSignal
{
    private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<RemoteKey, SourceBody> _running = new();

    public void Raise() => _raised.Writer.TryWrite(true);

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _raised.Reader.ReadAsync(cancellationToken);

    public void Running(RemoteKey key, SourceBody body) => _running[key] = body;

    public void Ended(RemoteKey key) => _running.TryRemove(key, out _);

    /// <summary>Bytes that are there, and of how many; null if it is not being fetched.</summary>
    public (long Received, long? Size)? Progress(RemoteKey key) =>
        _running.TryGetValue(key, out var body) ? (body.Length, body.Announced) : null;
}
