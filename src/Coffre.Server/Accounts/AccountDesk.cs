using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Access;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Folders;

namespace Coffre.Server.Accounts;

/// <summary>Shows an account and changes its preferences.</summary>
internal sealed class AccountDesk(CatalogStore catalog, AccountTable accounts, FolderTable folders, PublicAddress address)
{
    private const int MaxPage = 5000;

    public ValueTask<Preferences> PreferencesAsync(long accountId, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => accounts.Find(session, accountId)!.Preferences, cancellationToken);

    public async ValueTask<Outcome<Account>> ShowAsync(Caller caller, UserInfoRequest request, CancellationToken cancellationToken)
    {
        var accountId = caller.AccountId;
        if (RangeFault(request) is { } fault)
        {
            return fault;
        }

        if (!Sets(request))
        {
            return await catalog.ReadAsync<Outcome<Account>>(session => accounts.Find(session, accountId)!, cancellationToken);
        }

        if (caller.FaultWithout(KeyScopes.Account) is { } lack)
        {
            return lack;
        }

        return await catalog.WriteAsync<Outcome<Account>>(
            session =>
            {
                if (request.FtpDid is { } folderId && !folders.Exists(session, accountId, folderId))
                {
                    return new Fault(KoCode.NoSuchFolder, "ftp_did");
                }

                var account = accounts.Find(session, accountId)!;
                var preferences = Merge(account.Preferences, request);
                accounts.SetPreferences(session, accountId, preferences);
                return account with { Preferences = preferences };
            },
            cancellationToken);
    }

    private static bool Sets(UserInfoRequest request) => request != new UserInfoRequest { Pretty = request.Pretty };

    private static Preferences Merge(Preferences old, UserInfoRequest request) => new()
    {
        FtpMode = request.FtpMode ?? old.FtpMode,
        FtpDid = request.FtpDid ?? old.FtpDid,
        FtpReport = request.FtpReport ?? old.FtpReport,
        RuReport = request.RuReport ?? old.RuReport,
        DefaultDomain = request.DefaultDomain ?? old.DefaultDomain,
        PageLimit = request.PageLimit ?? old.PageLimit,
        DefaultPort = request.DefaultPort ?? old.DefaultPort,
        DefaultPortFiles = request.DefaultPortFiles ?? old.DefaultPortFiles,
        UseCdn = request.UseCdn ?? old.UseCdn,
        DownloadMenu = request.DownloadMenu ?? old.DownloadMenu,
    };

    private Fault? RangeFault(UserInfoRequest request)
    {
        (string Name, int? Value, int Max)[] fields =
        [
            ("ftp_mode", request.FtpMode, 1), ("ftp_report", request.FtpReport, 1), ("ru_report", request.RuReport, 1),
            ("default_domain", request.DefaultDomain, address.LastDomain), ("page_limit", request.PageLimit, MaxPage),
            ("default_port", request.DefaultPort, 1), ("default_port_files", request.DefaultPortFiles, 1),
            ("use_cdn", request.UseCdn, 1), ("download_menu", request.DownloadMenu, 1),
        ];
        foreach (var (name, value, max) in fields)
        {
            if (value < 0 || value > max)
            {
                return new Fault(KoCode.BadParameter, $"{name} is 0 to {max}");
            }
        }

        return null;
    }
}
