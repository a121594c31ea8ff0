using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Folders;

namespace Coffre.Server.Sharing;

/// <summary>The statements on public pages of folders.</summary>
internal sealed class ShareTable
{
    /// <summary>Gives the folder a page, or keeps the one that it has; returns the page's id.</summary>
    public string Publish(CatalogSession session, long accountId, Folder folder)
    {
        if (folder.ShareLink is { } present)
        {
            return present;
        }

        var link = LinkId.New();
        session.Execute(
            "insert into folder_link (link, account_id, folder_id) values (@link, @account, @folder)",
            ("@link", link), ("@account", accountId), ("@folder", folder.Id));
        session.Execute(
            "update folder set share_link = @link where account_id = @account and id = @folder",
            ("@link", link), ("@account", accountId), ("@folder", folder.Id));
        return link;
    }

    public void SetPassword(CatalogSession session, long accountId, long folderId, string? digest) =>
        session.Execute(
            "update folder set share_password = @digest where account_id = @account and id = @folder",
            ("@digest", digest), ("@account", accountId), ("@folder", folderId));

    /// <summary>Takes the page away; its address is never given again.</summary>
    public void Withdraw(CatalogSession session, long accountId, Folder folder)
    {
        if (folder.ShareLink is { } link)
        {
            session.Execute("delete from folder_link where link = @link", ("@link", link));
            session.Execute(
                "update folder set share_link = null, share_password = null where account_id = @account and id = @folder",
                ("@account", accountId), ("@folder", folder.Id));
        }
    }

    /// <summary>The account and folder behind a page, or null.</summary>
    public SharedPlace? Find(CatalogSession session, string link) =>
        session.Find(
            "select account_id, folder_id from folder_link where link = @link",
            row => new SharedPlace(row.GetInt64(0), row.GetInt64(1)), ("@link", link));
}

/// <summary>Where a public page leads.</summary>
internal sealed record SharedPlace(long AccountId, long FolderId);
