using Coffre.Protocol.V1;

namespace Coffre.Client.Budget;

/// <summary>A request that wants to go out.</summary>
/// <param name="Path">One of <see cref="V1Paths"/>; of downloads empty.</param>
/// <param name="FolderId">The folder that it lists; -1 is the whole account, null: it lists nothing.</param>
internal readonly record struct BudgetAsk(string Path, long? FolderId = null)
{
    /// <summary>The bytes of a file, or the report on them: granted by a call that was counted.</summary>
    public static BudgetAsk Transfer => new("");

    public bool IsTransfer => Path.Length == 0;

    /// <summary>The rules beside the rate that hold for it: what they count, and how long it must rest between two.</summary>
    /// <param name="account">Stands for the account.</param>
    /// <param name="limits">The service's numbers.</param>
    public IEnumerable<(string Mark, TimeSpan Interval)> Marks(string account, PublishedLimits limits)
    {
        switch (Path)
        {
            case V1Paths.FolderLs:
                yield return ($"{account}/folder/{FolderId}", TimeSpan.FromSeconds(limits.FolderSeconds));
                break;
            case V1Paths.FileLs when FolderId < 0:
                yield return ($"{account}/whole", TimeSpan.FromSeconds(limits.AccountListingSeconds));
                break;
            case V1Paths.FileLs:
                yield return ($"{account}/files/{FolderId}", TimeSpan.FromSeconds(limits.FolderSeconds));
                break;
            case V1Paths.UserInfo:
                yield return ("info", TimeSpan.FromSeconds(limits.InfoAddressSeconds));
                yield return ($"{account}/info", TimeSpan.FromSeconds(limits.InfoAccountSeconds));
                break;
        }
    }
}
