using Coffre.Protocol;
using Coffre.Server.Door;
using Coffre.Server.Settings;

namespace Coffre.Server.Files;

/// <summary>How many files one call may name, and when a new name may go with them.</summary>
internal sealed class ItemLimits(ServerSettings settings)
{
    private readonly int _maxItems = settings.Int(SettingList.MaxItems);

    public Fault? CountFault(int count) => count switch
    {
        0 => new Fault(KoCode.MissingParameter, "no file is named"),
        _ when count > _maxItems => new Fault(KoCode.TooManyItems, $"at most {_maxItems}"),
        _ => null,
    };

    public static Fault? RenameFault(int count, string? rename)
    {
        if (rename is null)
        {
            return null;
        }

        if (count != 1)
        {
            return new Fault(KoCode.BadParameter, "a new name goes with exactly one file");
        }

        return Names.Check(rename) is { } trouble ? new Fault(KoCode.BadName, trouble.Reason) : null;
    }
}
