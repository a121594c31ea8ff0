using Coffre.Server.Catalog;

namespace Coffre.Server.Folders;

/// <summary>The statements on folders.</summary>
internal sealed class FolderTable(IdSource ids, TimeProvider clock)
{
    private const string Columns = "id, parent_id, name, created_at, share_link, share_password";

    public Folder? Find(CatalogSession session, long accountId, long id) =>
        session.Find(
            $"select {Columns} from folder where account_id = @account and id = @id", Read, ("@account", accountId), ("@id", id));

    /// <summary>Whether the folder is there; the root always is.</summary>
    public bool Exists(CatalogSession session, long accountId, long id) =>
        id == Folder.RootId || Find(session, accountId, id) is not null;

    public Folder? FindByName(CatalogSession session, long accountId, long parentId, string name) =>
        session.Find(
            $"select {Columns} from folder where account_id = @account and parent_id = @parent and name = @name",
            Read, ("@account", accountId), ("@parent", parentId), ("@name", name));

    public IEnumerable<Folder> List(CatalogSession session, long accountId, long parentId) =>
        session.List(
            $"select {Columns} from folder where account_id = @account and parent_id = @parent order by name",
            Read, ("@account", accountId), ("@parent", parentId));

    public Folder Insert(CatalogSession session, long accountId, long parentId, string name)
    {
        var folder = new Folder(ids.Next(), parentId, name, clock.GetUtcNow());
        session.Execute(
            "insert into folder (account_id, id, parent_id, name, created_at) values (@account, @id, @parent, @name, @now)",
            ("@account", accountId), ("@id", folder.Id), ("@parent", parentId), ("@name", name), ("@now", Moment.ToCatalog(folder.CreatedAt)));
        return folder;
    }

    public void Move(CatalogSession session, long accountId, long id, long parentId, string name) =>
        session.Execute(
            "update folder set parent_id = @parent, name = @name where account_id = @account and id = @id",
            ("@account", accountId), ("@id", id), ("@parent", parentId), ("@name", name));

    /// <summary>Makes it a folder of another account; its parent's id stays as it was.</summary>
    public void GiveTo(CatalogSession session, long accountId, long id, long newAccountId) =>
        session.Execute(
            "update folder set account_id = @new where account_id = @account and id = @id",
            ("@new", newAccountId), ("@account", accountId), ("@id", id));

    public void Delete(CatalogSession session, long accountId, long id) =>
        session.Execute("delete from folder where account_id = @account and id = @id", ("@account", accountId), ("@id", id));

    /// <summary>The folder and those above it, itself first, the root left out.</summary>
    public IReadOnlyList<Folder> Ancestry(CatalogSession session, long accountId, long id)
    {
        var chain = new List<Folder>();
        while (id != Folder.RootId && Find(session, accountId, id) is { } folder)
        {
            chain.Add(folder);
            id = folder.ParentId;
        }

        return chain;
    }

    /// <summary>How many levels hang below the folder: 0 if it has no sub-folders.</summary>
    public int Height(CatalogSession session, long accountId, long id) =>
        (int)session.Number(
            """
            with recursive below (id, depth) as (
                select id, 1 from folder where account_id = @account and parent_id = @id
                union all
                select folder.id, depth + 1 from folder join below on folder.parent_id = below.id where folder.account_id = @account
            )
            select coalesce(max(depth), 0) from below
            """,
            ("@account", accountId), ("@id", id))!.Value;

    private static Folder Read(CatalogRow row) =>
        new(row.GetInt64(0), row.GetInt64(1), row.GetString(2), Moment.FromCatalog(row.GetInt64(3)))
        {
            ShareLink = row.IsDBNull(4) ? null : row.GetString(4),
            SharePassword = row.IsDBNull(5) ? null : row.GetString(5),
        };
}
