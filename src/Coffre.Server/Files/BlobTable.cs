using Coffre.Server.Catalog;
using Coffre.Storage;

namespace Coffre.Server.Files;

/// <summary>The statements on blobs: which bytes an account holds, how many files show them, which may be purged.</summary>
internal sealed class BlobTable(TimeProvider clock)
{
    /// <summary>The name of the store that keeps new bytes.</summary>
    public const string LocalStore = "local";

    public static byte[] Key(BlobId id)
    {
        var bytes = new byte[16];
        id.WriteBytes(bytes);
        return bytes;
    }

    /// <summary>One more file of this account shows the bytes.</summary>
    public void AddReference(CatalogSession session, long accountId, BlobId id) =>
        session.Execute(
            """
            insert into blob (account_id, id, refs, store, created_at) values (@account, @id, 1, @store, @now)
            on conflict (account_id, id) do update set refs = blob.refs + 1
            """,
            ("@account", accountId), ("@id", Key(id)), ("@store", LocalStore), ("@now", Moment.ToCatalog(clock.GetUtcNow())));

    /// <summary>One file less; bytes that nobody shows any more are queued for the sweep.</summary>
    public void DropReference(CatalogSession session, long accountId, BlobId id)
    {
        var key = Key(id);
        session.Execute("update blob set refs = refs - 1 where account_id = @account and id = @id", ("@account", accountId), ("@id", key));
        if (session.Execute("delete from blob where account_id = @account and id = @id and refs <= 0", ("@account", accountId), ("@id", key)) == 0)
        {
            return;
        }

        if (!IsKnown(session, id))
        {
            session.Execute(
                "insert or ignore into blob_purge (id, queued_at) values (@id, @now)",
                ("@id", key), ("@now", Moment.ToCatalog(clock.GetUtcNow())));
        }
    }

    /// <summary>Whether any account shows the bytes.</summary>
    public bool IsKnown(CatalogSession session, BlobId id) =>
        session.Number("select 1 from blob where id = @id limit 1", ("@id", Key(id))) is not null;

    /// <summary>Bytes that wait to be purged, oldest first.</summary>
    public IReadOnlyList<BlobId> ListPurgeable(CatalogSession session, int most) =>
        [.. session.List(
            "select p.id from blob_purge p where not exists (select 1 from blob b where b.id = p.id) order by queued_at limit @most",
            row => BlobId.FromBytes(row.GetBytes(0)), ("@most", most))];

    public void ForgetPurged(CatalogSession session, BlobId id) =>
        session.Execute("delete from blob_purge where id = @id", ("@id", Key(id)));
}
