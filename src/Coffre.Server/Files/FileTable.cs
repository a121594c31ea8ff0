using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Catalog;
using Coffre.Storage;

namespace Coffre.Server.Files;

/// <summary>The statements on files and their public links.</summary>
internal sealed class FileTable(IdSource ids, TimeProvider clock)
{
    private const string Select =
        """
        select f.account_id, f.id, f.folder_id, f.name, f.link, f.blob_id, f.length, f.checksum, f.created_at,
               f.inline, f.no_ssl, f.cdn, f.description, f.password, f.removal_code, f.acl, f.domain
        from file f
        """;

    public FileRow? Find(CatalogSession session, long accountId, long id) =>
        session.Find($"{Select} where f.account_id = @account and f.id = @id", Read, ("@account", accountId), ("@id", id));

    /// <summary>Whatever account the file belongs to.</summary>
    public FileRow? FindByLink(CatalogSession session, string link) =>
        session.Find(
            $"{Select} join link l on l.account_id = f.account_id and l.file_id = f.id where l.link = @link", Read, ("@link", link));

    /// <summary>The newest of that name.</summary>
    public FileRow? FindByName(CatalogSession session, long accountId, long folderId, string name) =>
        session.Find(
            $"{Select} where f.account_id = @account and f.folder_id = @folder and f.name = @name order by f.id desc limit 1",
            Read, ("@account", accountId), ("@folder", folderId), ("@name", name));

    /// <summary>Files of one folder by name, or of the whole account (null) by id, within an arrival window.</summary>
    public IEnumerable<FileRow> List(CatalogSession session, long accountId, long? folderId, ArrivalWindow window) =>
        folderId is { } folder
            ? session.List(
                $"""
                {Select} where f.account_id = @account and f.folder_id = @folder and f.created_at > @after and f.created_at < @before
                order by f.name, f.id
                """,
                Read, ("@account", accountId), ("@folder", folder), ("@after", window.AfterMilliseconds), ("@before", window.BeforeMilliseconds))
            : session.List(
                $"{Select} where f.account_id = @account and f.created_at > @after and f.created_at < @before order by f.id",
                Read, ("@account", accountId), ("@after", window.AfterMilliseconds), ("@before", window.BeforeMilliseconds));

    /// <summary>The columns of <see cref="Scan"/>; the last is a <see cref="FileMarks"/>.</summary>
    public const int ScanName = 0, ScanLink = 1, ScanLength = 2, ScanChecksum = 3, ScanCreatedAt = 4, ScanMarks = 5;

    private const string Scanned =
        """
        select f.name, f.link, f.length, f.checksum, f.created_at,
               f.no_ssl | (f.cdn << 1) | ((f.password is not null) << 2) | ((f.acl is not null) << 3) | (f.domain << 4)
        from file f
        where f.account_id = @account and f.created_at > @after and f.created_at < @before
        """;

    /// <summary>The same as <see cref="List"/>, as SQLite has it: only what a listing shows, nothing copied.</summary>
    public CatalogScan Scan(CatalogSession session, long accountId, long? folderId, ArrivalWindow window) =>
        folderId is { } folder
            ? session.Scan(
                $"{Scanned} and f.folder_id = @folder order by f.name, f.id",
                ("@account", accountId), ("@folder", folder), ("@after", window.AfterMilliseconds), ("@before", window.BeforeMilliseconds))
            : session.Scan(
                $"{Scanned} order by f.id", ("@account", accountId), ("@after", window.AfterMilliseconds), ("@before", window.BeforeMilliseconds));

    /// <summary>How many files lie directly in the folder, and their bytes.</summary>
    public (long Count, long Bytes) Count(CatalogSession session, long accountId, long folderId)
    {
        (long, long) result = default;
        foreach (var row in session.List(
            """
            select count(*), coalesce(sum(length), 0) from file where account_id = @account and folder_id = @folder
            """,
            row => (row.GetInt64(0), row.GetInt64(1)), ("@account", accountId), ("@folder", folderId)))
        {
            result = row;
        }

        return result;
    }

    /// <summary>Gives bytes a name and a link. The blob's row must be there.</summary>
    public FileRow Insert(CatalogSession session, NewFile file)
    {
        var row = new FileRow
        {
            AccountId = file.AccountId,
            Id = ids.Next(),
            FolderId = file.FolderId,
            Name = file.Name,
            Link = LinkId.New(),
            BlobId = file.Blob.Id,
            Length = file.Blob.Length,
            Checksum = file.Blob.Checksum.ToArray(),
            CreatedAt = clock.GetUtcNow(),
            Password = file.Password,
            RemovalCode = file.RemovalCode,
            Domain = file.Domain ?? 0,
            NoSsl = file.NoSsl,
        };
        session.Execute(
            """
            insert into file (account_id, id, folder_id, name, blob_id, length, checksum, link, created_at, password, removal_code, domain, no_ssl)
            values (@account, @id, @folder, @name, @blob, @length, @checksum, @link, @now, @password, @removal, @domain, @nossl)
            """,
            ("@account", row.AccountId), ("@id", row.Id), ("@folder", row.FolderId), ("@name", row.Name), ("@blob", BlobTable.Key(row.BlobId)),
            ("@length", row.Length), ("@checksum", row.Checksum), ("@link", row.Link), ("@now", Moment.ToCatalog(row.CreatedAt)), ("@password", row.Password), ("@removal", row.RemovalCode),
            ("@domain", row.Domain), ("@nossl", row.NoSsl ? 1 : 0));
        session.Execute(
            "insert into link (link, account_id, file_id) values (@link, @account, @file)",
            ("@link", row.Link), ("@account", row.AccountId), ("@file", row.Id));
        return row;
    }

    public void Move(CatalogSession session, FileRow file, long folderId, string name) =>
        session.Execute(
            "update file set folder_id = @folder, name = @name where account_id = @account and id = @id",
            ("@account", file.AccountId), ("@id", file.Id), ("@folder", folderId), ("@name", name));

    /// <summary>Makes it a file of another account, which must hold the bytes already.</summary>
    public void GiveTo(CatalogSession session, FileRow file, Place to, string name)
    {
        session.Execute(
            "update file set account_id = @to, folder_id = @folder, name = @name where account_id = @account and id = @id",
            ("@to", to.AccountId), ("@folder", to.FolderId), ("@name", name), ("@account", file.AccountId), ("@id", file.Id));
        session.Execute("update link set account_id = @to where link = @link", ("@to", to.AccountId), ("@link", file.Link));
    }

    /// <summary>Writes what <c>chattr</c> may change.</summary>
    public void SetAttributes(CatalogSession session, FileRow file) =>
        session.Execute(
            """
            update file set inline = @inline, no_ssl = @nossl, cdn = @cdn, description = @description, password = @password, acl = @acl
            where account_id = @account and id = @id
            """,
            ("@account", file.AccountId), ("@id", file.Id), ("@inline", file.Inline ? 1 : 0), ("@nossl", file.NoSsl ? 1 : 0),
            ("@cdn", file.Cdn ? 1 : 0), ("@description", file.Description), ("@password", file.Password), ("@acl", file.Rules?.ToText()));

    public void Delete(CatalogSession session, FileRow file)
    {
        session.Execute("delete from link where link = @link", ("@link", file.Link));
        session.Execute("delete from file where account_id = @account and id = @id", ("@account", file.AccountId), ("@id", file.Id));
    }

    private static FileRow Read(CatalogRow row) => new()
    {
        AccountId = row.GetInt64(0),
        Id = row.GetInt64(1),
        FolderId = row.GetInt64(2),
        Name = row.GetString(3),
        Link = row.GetString(4),
        BlobId = BlobId.FromBytes(row.GetBytes(5)),
        Length = row.GetInt64(6),
        Checksum = row.GetBytes(7),
        CreatedAt = Moment.FromCatalog(row.GetInt64(8)),
        Inline = row.GetInt64(9) != 0,
        NoSsl = row.GetInt64(10) != 0,
        Cdn = row.GetInt64(11) != 0,
        Description = row.GetString(12),
        Password = row.IsDBNull(13) ? null : row.GetString(13),
        RemovalCode = row.IsDBNull(14) ? null : row.GetString(14),
        Rules = AccessRules.FromText(row.IsDBNull(15) ? null : row.GetString(15)),
        Domain = row.GetInt32(16),
    };
}

/// <summary>What a listing shows of a file beside its text and numbers, in one number: each column that is asked for costs a call.</summary>
internal readonly record struct FileMarks(long Bits)
{
    public bool NoSsl => (Bits & 1) != 0;

    public bool Cdn => (Bits & 2) != 0;

    public bool HasPassword => (Bits & 4) != 0;

    public bool HasRules => (Bits & 8) != 0;

    public int Domain => (int)(Bits >> 4);

    /// <summary>What stands before the id of the link is the same for files that agree in this.</summary>
    public FileMarks OfLink => new(Bits & ~14);
}

/// <summary>A name for kept bytes.</summary>
internal sealed record NewFile(long AccountId, long FolderId, string Name, KeptBlob Blob, string? Password = null, string? RemovalCode = null)
{
    /// <summary>Which address its link shows; null: what its account prefers.</summary>
    public int? Domain { get; init; }

    /// <summary>Whether its link is without TLS; set together with <see cref="Domain"/>.</summary>
    public bool NoSsl { get; init; }
}

/// <summary>Files that arrived strictly between two moments; null leaves that side open.</summary>
internal sealed record ArrivalWindow(DateTimeOffset? After = null, DateTimeOffset? Before = null)
{
    public long AfterMilliseconds => After is { } moment ? Moment.ToCatalog(moment) : long.MinValue;

    public long BeforeMilliseconds => Before is { } moment ? Moment.ToCatalog(moment) : long.MaxValue;
}
