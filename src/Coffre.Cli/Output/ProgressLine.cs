using System.Globalization;

namespace Coffre.Cli.Output;

/// <summary>One line on the terminal that says how far a run is. Does nothing where there is no terminal.</summary>
internal sealed class ProgressLine : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly TextWriter _terminal;
    private readonly TimeProvider _time;
    private readonly ITimer? _timer;
    private readonly Lock _gate = new();
    private readonly long _started;
    private string _current = "";
    private long _bytes;
    private long _expected;
    private int _done;
    private int _found;
    private int _drawn;

    public ProgressLine(TextWriter terminal, TimeProvider time, bool isShown)
    {
        _terminal = terminal;
        _time = time;
        _started = time.GetTimestamp();
        _timer = isShown ? time.CreateTimer(_ => Draw(), null, Interval, Interval) : null;
    }

    /// <summary>Files that were found to be transferred, and their bytes if known.</summary>
    public void Found(int files, long bytes)
    {
        Interlocked.Add(ref _found, files);
        Interlocked.Add(ref _expected, bytes);
    }

    /// <summary>Files that are done with.</summary>
    public void Done(int files) => Interlocked.Add(ref _done, files);

    /// <summary>Counts one transfer, whose reports are positions and may go back.</summary>
    public IProgress<long> Track(string name)
    {
        Volatile.Write(ref _current, name);
        return new Meter(this);
    }

    /// <summary>Takes the line off, so that a message can stand there.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            if (_drawn > 0)
            {
                _terminal.Write("\r" + new string(' ', _drawn) + "\r");
                _terminal.Flush();
                _drawn = 0;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        Clear();
    }

    private void Draw()
    {
        var seconds = Math.Max(0.001, _time.GetElapsedTime(_started).TotalSeconds);
        var bytes = Interlocked.Read(ref _bytes);
        var expected = Math.Max(bytes, Interlocked.Read(ref _expected));
        var rate = (long)(bytes / seconds);
        var left = rate > 0 ? TimeSpan.FromSeconds((expected - bytes) / rate).ToString("c", CultureInfo.InvariantCulture) : "?";
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{_done}/{_found} files, {TextStyle.Human(bytes)} of {TextStyle.Human(expected)}, {TextStyle.Human(rate)}/s, {left} left  {TextStyle.Shown(Volatile.Read(ref _current))}");
        text = text.Length > 100 ? text[..99] + "…" : text;
        lock (_gate)
        {
            _terminal.Write("\r" + text.PadRight(_drawn));
            _terminal.Flush();
            _drawn = text.Length;
        }
    }

    private sealed class Meter(ProgressLine line) : IProgress<long>
    {
        private long _last;

        public void Report(long value)
        {
            Interlocked.Add(ref line._bytes, value - _last);
            _last = value;
        }
    }
}
