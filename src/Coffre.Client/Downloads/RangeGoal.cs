namespace Coffre.Client.Downloads;

/// <summary>Where a <see cref="RangePump"/> ends: at the end of its range or of the file, which nobody may know before it is there.</summary>
internal sealed class RangeGoal(RangePump pump, long? end, DownloadSource source)
{
    private bool _sawEnd;

    public long? End { get; } = end;

    public long Missing => (Stop ?? long.MaxValue) - pump.Position;

    public bool IsReached => _sawEnd || pump.Position >= Stop;

    private long? Stop => End is { } limit && source.Size is { } size ? Math.Min(limit, size) : End ?? source.Size;

    public bool MeetsEnd(long? total)
    {
        _sawEnd = total is { } length ? pump.Position >= length && (source.Size is not { } known || known == length) : source.Size is null || pump.Position >= source.Size;
        return _sawEnd;
    }

    /// <summary>The body ended by itself: right, if nobody knows better.</summary>
    public void EndOfBody()
    {
        if (!IsReached && source.Size is not null)
        {
            throw new CoffreException(CoffreError.Network, $"The connection ended at byte {pump.Position}.");
        }

        _sawEnd = true;
    }
}
