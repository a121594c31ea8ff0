using System.Globalization;
using Coffre.Client;

namespace Coffre.Cli.Output;

/// <summary>How far a run is, in sum and for each file under way: drawn on the terminal, told as JSON lines, or neither.</summary>
internal sealed class ProgressBoard : IAsyncDisposable
{
    private const int MostTracks = 4;
    private static readonly TimeSpan DrawingInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan TellingInterval = TimeSpan.FromSeconds(1);

    private readonly StatusArea? _area;
    private readonly Action<ProgressFigures>? _tell;
    private readonly TimeProvider _time;
    private readonly List<ITimer> _timers = [];
    private readonly List<ProgressTrack> _tracks = [];
    private readonly Lock _gate = new();
    private readonly Lock _drawing = new();
    private readonly Speedometer _speed;
    private readonly long _started;
    private WaitNotice? _wait;
    private long _bytes;
    private long _moved;
    private long _expected;
    private int _done;
    private int _found;
    private bool _isClosed;

    /// <param name="area">Where to draw; null where there is no terminal.</param>
    /// <param name="tell">Told once a second; null where nobody wants to know.</param>
    /// <param name="time">The clock.</param>
    public ProgressBoard(StatusArea? area, Action<ProgressFigures>? tell, TimeProvider time)
    {
        (_area, _tell, _time, _started, _speed) = (area, tell, time, time.GetTimestamp(), new Speedometer(time));
        if (area is not null)
        {
            _timers.Add(time.CreateTimer(_ => Draw(), null, DrawingInterval, DrawingInterval));
        }

        if (tell is not null)
        {
            _timers.Add(time.CreateTimer(_ => Tell(), null, TellingInterval, TellingInterval));
        }
    }

    /// <summary>Files that were found to be transferred, and their bytes if known.</summary>
    public void Found(int files, long bytes)
    {
        Interlocked.Add(ref _found, files);
        Expect(bytes);
    }

    /// <summary>Files that are done with.</summary>
    public void Done(int files) => Interlocked.Add(ref _done, files);

    /// <summary>Counts one transfer until it is disposed.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="length">Bytes; null if unknown.</param>
    /// <param name="firstIsOld">Whether the first report tells what an earlier run had brought.</param>
    public ProgressTrack Track(string name, long? length = null, bool firstIsOld = false)
    {
        var track = new ProgressTrack(this, new Speedometer(_time), name, length, firstIsOld);
        lock (_gate)
        {
            _tracks.Add(track);
        }

        return track;
    }

    /// <summary>Says why nothing moves.</summary>
    public void Wait(WaitNotice wait) => _wait = wait.Left > TimeSpan.Zero ? wait : null;

    public void Move(long bytes, long moved)
    {
        Interlocked.Add(ref _bytes, bytes);
        Interlocked.Add(ref _moved, moved);
    }

    /// <summary>More bytes that will move; fewer, where it shows that some need not.</summary>
    public void Expect(long bytes) => Interlocked.Add(ref _expected, bytes);

    public void Remove(ProgressTrack track)
    {
        lock (_gate)
        {
            _tracks.Remove(track);
        }
    }

    public ProgressFigures Read()
    {
        ProgressTrack[] tracks;
        lock (_gate)
        {
            tracks = [.. _tracks];
        }

        var bytes = Interlocked.Read(ref _bytes);
        var expected = Math.Max(bytes, Interlocked.Read(ref _expected));
        var speed = _speed.Read(Interlocked.Read(ref _moved));
        return new ProgressFigures
        {
            FilesDone = _done,
            FilesTotal = Math.Max(_done, _found),
            BytesDone = bytes,
            BytesTotal = expected,
            BytesPerSecond = speed,
            ElapsedSeconds = Math.Round(_time.GetElapsedTime(_started).TotalSeconds, 1),
            SecondsLeft = Speedometer.SecondsFor(expected - bytes, speed),
            Waiting = _wait is { } wait ? new WaitFigures(wait.Reason, wait.Ko, (long)Math.Ceiling(wait.Left.TotalSeconds)) : null,
            Active = [.. tracks.Select(track => track.Read())],
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var timer in _timers)
        {
            await timer.DisposeAsync();
        }

        lock (_drawing)
        {
            _isClosed = true;
            _area?.Clear();
        }
    }

    /// <summary>The figures as lines for people.</summary>
    public static IReadOnlyList<string> Lines(ProgressFigures figures)
    {
        List<string> lines =
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"{figures.FilesDone}/{figures.FilesTotal} files  {TextStyle.Human(figures.BytesDone)} of {TextStyle.Human(figures.BytesTotal)}{Percent(figures.BytesDone, figures.BytesTotal)}  {TextStyle.Human(figures.BytesPerSecond)}/s  {Left(figures.SecondsLeft)}"),
        ];
        if (figures.Waiting is { } wait)
        {
            lines.Add(WaitLine(wait));
        }

        lines.AddRange(figures.Active.Take(MostTracks).Select(track => string.Create(
            CultureInfo.InvariantCulture,
            $"{(track.BytesTotal is { } total ? Percent(track.BytesDone, total).TrimStart() : TextStyle.Human(track.BytesDone)),8}  {TextStyle.Human(track.BytesPerSecond),8}/s  {(track.BytesTotal is null ? "" : Left(track.SecondsLeft)),10}  {TextStyle.Shown(track.Name)}")));
        if (figures.Active.Count > MostTracks)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"  and {figures.Active.Count - MostTracks} more"));
        }

        return lines;
    }

    public static string WaitLine(WaitFigures wait) =>
        string.Create(CultureInfo.InvariantCulture, $"waiting {wait.SecondsLeft} s: {TextStyle.Shown(wait.Reason)}");

    private static string Percent(long done, long total) =>
        total <= 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"  {Math.Min(100, done * 100.0 / total):0} %");

    private static string Left(long? seconds) => seconds switch
    {
        null => "? left",
        >= 360_000 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400} days left"),
        >= 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00} left"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}:{seconds % 60:00} left"),
    };

    private void Draw()
    {
        // A tick that comes while another still writes is left out.
        if (!_drawing.TryEnter())
        {
            return;
        }

        try
        {
            if (!_isClosed)
            {
                _area!.Draw(Lines(Read()));
            }
        }
        finally
        {
            _drawing.Exit();
        }
    }

    private void Tell()
    {
        lock (_drawing)
        {
            if (!_isClosed)
            {
                _tell!(Read());
            }
        }
    }
}
