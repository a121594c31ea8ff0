using Coffre.Protocol;
using Coffre.Server.Door;
using Coffre.Server.Settings;

namespace Coffre.Server.Accounts;

/// <summary>What each tier may do, as the operator set it.</summary>
internal sealed class TierRights(ServerSettings settings)
{
    private readonly bool _freeCalls = settings.Flag(AccountSettings.FreeCalls);
    private readonly long _guestFile = settings.Bytes(AccountSettings.GuestFile);
    private readonly long[] _file = [.. AccountSettings.FileByTier.Select(settings.Bytes)];
    private readonly long _largest = settings.Bytes(SettingList.MaxFile);

    /// <param name="tier">Of who uploads; null for a guest.</param>
    /// <returns>The largest file, in bytes.</returns>
    public long LargestFile(Tier? tier) => Math.Min(_largest, tier is { } known ? _file[(int)known] : _guestFile);

    /// <summary>Whether the calls beside uploads and <c>user/info</c> are refused.</summary>
    public Fault? CallFault(Tier tier) => tier == Tier.Free && !_freeCalls ? new Fault(KoCode.MustBeCustomer) : null;
}
