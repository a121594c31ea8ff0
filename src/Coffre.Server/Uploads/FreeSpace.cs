using System.Diagnostics;
using Coffre.Server.Settings;

namespace Coffre.Server.Uploads;

/// <summary>Whether the disk has room: the catalog needs some even when bytes do not fit any more.</summary>
/// <remarks>
/// While there is plenty the system is not asked for each upload: what a fast disk takes in the pause is less than what counts as plenty.
/// Real time, whatever the injected clock says: the disk fills in it.
/// </remarks>
internal sealed class FreeSpace(ServerSettings settings)
{
    private const long Plenty = 2L << 30;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly long _keepFree = settings.Bytes(SettingList.MinFree);
    private volatile Answer? _last;

    public bool IsEnoughFor(long bytes)
    {
        if (_last is { } last && last.Free - _keepFree - Plenty >= bytes && Stopwatch.GetElapsedTime(last.At) < Pause)
        {
            return true;
        }

        try
        {
            var answer = new Answer(new DriveInfo(settings.DataFolder).AvailableFreeSpace, Stopwatch.GetTimestamp());
            _last = answer;
            return answer.Free >= _keepFree && answer.Free - _keepFree >= bytes;
        }
        catch (IOException)
        {
            // A file system that cannot say is tried.
            return true;
        }
    }

    private sealed record Answer(long Free, long At);
}
