using Coffre.Server.Catalog;
using Coffre.Server.Files;
using Coffre.Storage;

namespace Coffre.Server.Scan;

/// <summary>The statements on results of scans.</summary>
internal sealed class ScanTable
{
    public ScanResult? Find(CatalogSession session, BlobId id, DateTimeOffset notBefore) =>
        session.Find(
            "select virus, scanned_at from scan_result where blob_id = @blob and scanned_at >= @after",
            row => new ScanResult(row.IsDBNull(0) ? null : row.GetString(0), Moment.FromCatalog(row.GetInt64(1))),
            ("@blob", BlobTable.Key(id)), ("@after", Moment.ToCatalog(notBefore)));

    public void Put(CatalogSession session, BlobId id, ScanResult result) =>
        session.Execute(
            """
            insert into scan_result (blob_id, virus, scanned_at) values (@blob, @virus, @at)
            on conflict (blob_id) do update set virus = @virus, scanned_at = @at
            """,
            ("@blob", BlobTable.Key(id)), ("@virus", result.Virus), ("@at", Moment.ToCatalog(result.ScannedAt)));

    public int DeleteOlder(CatalogSession session, DateTimeOffset before) =>
        session.Execute("delete from scan_result where scanned_at < @before", ("@before", Moment.ToCatalog(before)));
}

/// <summary>What a scan found.</summary>
/// <param name="Virus">Its name; null: nothing.</param>
/// <param name="ScannedAt">UTC.</param>
internal sealed record ScanResult(string? Virus, DateTimeOffset ScannedAt);
