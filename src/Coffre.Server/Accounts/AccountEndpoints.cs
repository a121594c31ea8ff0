using System.Globalization;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Door;

namespace Coffre.Server.Accounts;

/// <summary><c>user/info.cgi</c>: shows the account; a setting in the body changes it. See docs/protocol/account.md.</summary>
internal sealed class AccountEndpoints(V1Door door, AccountDesk desk, TimeProvider clock) : IEndpoints
{
    // Clients that read the date want one; this one is far enough.
    private const string NoEnd = "2099-12-31 23:59:59";

    public void Map(IEndpointRouteBuilder routes) =>
        door.Map(routes, V1Paths.UserInfo, KeyScopes.None, V1Json.Default.UserInfoRequest, V1Json.Default.UserInfoAnswer, InfoAsync);

    private async ValueTask<Outcome<UserInfoAnswer>> InfoAsync(V1Call<UserInfoRequest> call)
    {
        var found = await desk.ShowAsync(call.Caller, call.Request, call.Cancelled);
        return found.IsFault ? found.Fault : ToAnswer(found.Value);
    }

    private UserInfoAnswer ToAnswer(Account account)
    {
        var now = clock.GetUtcNow();
        var preferences = account.Preferences;
        var left = Math.Max(0, account.QuotaBytes - account.UsedBytes);
        var isOver = account.UsedBytes > account.QuotaBytes;
        return new UserInfoAnswer
        {
            Status = V1Answer.Ok,
            Email = account.Email,
            Offer = Text((int)account.Subscription.At(now)),
            TwoFactor = account.HasTwoStep ? "1" : "0",
            SubscriptionEnd = EndOf(account.Subscription),
            Cdn = "0",
            UseCdn = Text(preferences.UseCdn),
            MailRm = "0",
            DefaultPort = Text(preferences.DefaultPort),
            DefaultPortFiles = Text(preferences.DefaultPortFiles),
            DownloadMenu = Text(preferences.DownloadMenu),
            FtpMode = Text(preferences.FtpMode),
            FtpReport = Text(preferences.FtpReport),
            RuReport = Text(preferences.RuReport),
            UploadForbidden = left == 0 ? "1" : "0",
            StatsDate = ParisTime.Format(now),
            FtpDid = preferences.FtpDid,
            DefaultDomain = preferences.DefaultDomain,
            PageLimit = preferences.PageLimit,
            OverQuota = isOver ? 1 : 0,
            DefaultQuota = account.QuotaBytes,
            DefaultColdStorageQuota = account.QuotaBytes,
            AllowedColdStorage = account.QuotaBytes,
            AvailableColdStorage = account.QuotaBytes,
            AvailableStorage = left,
            HotStorage = 0,
            ColdStorage = account.UsedBytes,
        };
    }

    private static string EndOf(Subscription subscription) => subscription switch
    {
        { Until: { } end } => ParisTime.Format(end),
        { Tier: Tier.Free } => "",
        _ => NoEnd,
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
