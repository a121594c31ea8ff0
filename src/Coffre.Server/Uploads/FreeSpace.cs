using Coffre.Server.Settings;

namespace Coffre.Server.Uploads;

/// <summary>Whether the disk has room: the catalog needs some even when bytes do not fit any more.</summary>
internal sealed class FreeSpace(ServerSettings settings)
{
    private readonly long _keepFree = settings.Bytes(SettingList.MinFree);

    public bool IsEnoughFor(long bytes)
    {
        try
        {
            var free = new DriveInfo(settings.DataFolder).AvailableFreeSpace;
            return free >= _keepFree && free - _keepFree >= bytes;
        }
        catch (IOException)
        {
            // A file system that cannot say is tried.
            return true;
        }
    }
}
