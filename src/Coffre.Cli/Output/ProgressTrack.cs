namespace Coffre.Cli.Output;

/// <summary>One transfer that is under way. Its reports are positions, and may go back.</summary>
internal sealed class ProgressTrack : IProgress<long>, IDisposable
{
    private readonly ProgressBoard _board;
    private readonly Speedometer _speed;
    private readonly Lock _gate = new();
    private long _position;
    private long _before;
    private bool _isFirst;

    public ProgressTrack(ProgressBoard board, Speedometer speed, string name, long? length, bool firstIsOld)
    {
        (_board, _speed, Name, Length, _isFirst) = (board, speed, name, length, firstIsOld);
    }

    public string Name { get; }

    public long? Length { get; }

    public void Report(long value)
    {
        lock (_gate)
        {
            // What an earlier run had brought is there, but did not move now.
            _before = _isFirst ? value : _before;
            _board.Move(value - _position, _isFirst ? 0 : value - _position);
            (_position, _isFirst) = (value, false);
            if (value == Length)
            {
                _board.Remove(this);
            }
        }
    }

    public TrackFigures Read()
    {
        lock (_gate)
        {
            var speed = _speed.Read(_position - _before);
            return new TrackFigures(Name, _position, Length, speed, Length is { } length ? Speedometer.SecondsFor(length - _position, speed) : null);
        }
    }

    /// <summary>It will be done anew, otherwise.</summary>
    public void Undo()
    {
        Report(0);
        _board.Expect(Length ?? 0);
    }

    /// <summary>It has ended, well or not: what is missing of it is waited for no longer.</summary>
    public void Dispose()
    {
        if (Length is { } length)
        {
            _board.Expect(_position - length);
        }

        _board.Remove(this);
    }
}
