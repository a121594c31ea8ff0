using System.Threading.Channels;

namespace Coffre.Server.Housekeeping;

/// <summary>Tells the sweep that bytes may have lost their last name, or may never come to have one.</summary>
internal sealed class FreedSignal
{
    private readonly Channel<bool> _raised =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Never waits; many calls before the sweep looks count as one.</summary>
    public void Raise() => _raised.Writer.TryWrite(true);

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _raised.Reader.ReadAsync(cancellationToken);
}
