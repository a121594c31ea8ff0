using Coffre.Server.Catalog;
using Coffre.Server.Files;
using Coffre.Storage;

namespace Coffre.Server.Ftp;

/// <summary>The statements on FTP users and waiting files.</summary>
internal sealed class FtpTable(IdSource ids, TimeProvider clock)
{
    private const string FileColumns = "account_id, id, folder_id, name, blob_id, length, checksum, arrived_at";

    public FtpUser? FindUser(CatalogSession session, string name) =>
        session.Find(
            "select name, account_id, folder_id, password from ftp_user where name_key = @key", ReadUser, ("@key", Key(name)));

    public IReadOnlyList<FtpUser> ListUsers(CatalogSession session, long accountId) =>
        [.. session.List(
            "select name, account_id, folder_id, password from ftp_user where account_id = @account order by name_key", ReadUser, ("@account", accountId))];

    public void AddUser(CatalogSession session, FtpUser user) =>
        session.Execute(
            """
            insert into ftp_user (name_key, name, account_id, folder_id, password, created_at)
            values (@key, @name, @account, @folder, @password, @now)
            """,
            ("@key", Key(user.Name)), ("@name", user.Name), ("@account", user.AccountId), ("@folder", user.FolderId),
            ("@password", user.Digest), ("@now", Now));

    public bool RemoveUser(CatalogSession session, long accountId, string name) =>
        session.Execute("delete from ftp_user where account_id = @account and name_key = @key", ("@account", accountId), ("@key", Key(name))) == 1;

    public WaitingFile AddFile(CatalogSession session, long accountId, long folderId, string name, KeptBlob blob)
    {
        var file = new WaitingFile(accountId, ids.Next(), folderId, name, blob, clock.GetUtcNow());
        session.Execute(
            $"insert into ftp_file ({FileColumns}) values (@account, @id, @folder, @name, @blob, @length, @checksum, @now)",
            ("@account", accountId), ("@id", file.Id), ("@folder", folderId), ("@name", name), ("@blob", BlobTable.Key(blob.Id)),
            ("@length", blob.Length), ("@checksum", blob.Checksum.ToArray()), ("@now", Now));
        return file;
    }

    public long CountFiles(CatalogSession session, long accountId) =>
        session.Number("select count(*) from ftp_file where account_id = @account", ("@account", accountId)) ?? 0;

    /// <summary>Files of an account that wait, the oldest first.</summary>
    public IReadOnlyList<WaitingFile> ListFiles(CatalogSession session, long accountId, int most) =>
        [.. session.List(
            $"select {FileColumns} from ftp_file where account_id = @account order by id limit @most", ReadFile, ("@account", accountId), ("@most", most))];

    /// <summary>Those of one folder.</summary>
    public IReadOnlyList<WaitingFile> ListFiles(CatalogSession session, Place place) =>
        [.. session.List(
            $"select {FileColumns} from ftp_file where account_id = @account and folder_id = @folder order by name, id", ReadFile,
            ("@account", place.AccountId), ("@folder", place.FolderId))];

    /// <summary>Those that wait for too long.</summary>
    public IReadOnlyList<WaitingFile> ListOlder(CatalogSession session, DateTimeOffset before, int most) =>
        [.. session.List(
            $"select {FileColumns} from ftp_file where arrived_at < @before order by arrived_at limit @most", ReadFile,
            ("@before", Moment.ToCatalog(before)), ("@most", most))];

    public void RemoveFile(CatalogSession session, WaitingFile file) =>
        session.Execute("delete from ftp_file where account_id = @account and id = @id", ("@account", file.AccountId), ("@id", file.Id));

    private long Now => Moment.ToCatalog(clock.GetUtcNow());

    private static string Key(string name) => name.ToUpperInvariant();

    private static FtpUser ReadUser(CatalogRow row) => new(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetString(3));

    private static WaitingFile ReadFile(CatalogRow row) => new(
        row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetString(3),
        new KeptBlob(BlobId.FromBytes(row.GetBytes(4)), row.GetInt64(5), row.GetBytes(6)), Moment.FromCatalog(row.GetInt64(7)));

    /// <summary>A folder of an account.</summary>
    internal readonly record struct Place(long AccountId, long FolderId);
}

/// <summary>A name and password that may drop files into one folder of an account, and nothing else.</summary>
internal sealed record FtpUser(string Name, long AccountId, long FolderId, string Digest);

/// <summary>A file that came by FTP and has no link yet.</summary>
internal sealed record WaitingFile(long AccountId, long Id, long FolderId, string Name, KeptBlob Blob, DateTimeOffset ArrivedAt);
