using Coffre.Server.Catalog;
using Microsoft.Extensions.Time.Testing;

namespace Coffre.Tests.Serving;

/// <summary>A catalog of an earlier version keeps what is in it.</summary>
public sealed class MigrationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coffre-migrate-").FullName;
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 28, 0, 0, 0, TimeSpan.Zero));

    private string DatabasePath => Path.Combine(_folder, "catalog.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Files_of_form_20_keep_length_and_checksum_and_its_uploads_keep_their_reports()
    {
        Make(20);
        await using var catalog = CatalogStore.Open(DatabasePath, _clock);
        var files = await ListAsync(catalog, "select name, length, hex(checksum) from file order by name", 3);
        Assert.Equal(["a|3|0A0B", "b|3|0A0B", "c|5000000000|FF"], files);
        var blobs = await ListAsync(catalog, "select hex(id), refs, store from blob order by id", 3);
        Assert.Equal(["01|2|local", "02|1|local"], blobs);
        var reports = await ListAsync(
            catalog,
            """
            select u.id, u.account_id, u.created_at, u.expires_at, u.finished_at, u.incoming, f.seq, f.name, f.link, f.length, hex(f.checksum), f.removal_code, f.domain, f.no_ssl
            from upload u left join upload_file f on f.upload_no = u.no order by u.id, f.seq
            """,
            14);
        Assert.Equal(
            ["done|1|10|99|20|1|0|a|L1|3|0A0B|code|2|1", "done|1|10|99|20|1|1|c|L3|5000000000|FF||0|0", "open||5|50||0||||||||"],
            reports);
    }

    [Fact]
    public async Task A_report_goes_with_its_upload()
    {
        Make(20);
        await using var catalog = CatalogStore.Open(DatabasePath, _clock);
        await catalog.WriteAsync(session => session.Execute("delete from upload where id = 'done'"), CancellationToken.None);
        Assert.Empty(await ListAsync(catalog, "select name from upload_file", 1));
    }

    /// <summary>What the version whose last form is <paramref name="form"/> would have left.</summary>
    private void Make(int form)
    {
        using var session = CatalogSession.Open(DatabasePath);
        session.Number("pragma journal_mode = wal");
        session.Execute("pragma foreign_keys = on");
        foreach (var number in Scripts().Where(number => number <= form).Order())
        {
            session.Execute(Read(number));
        }

        session.Execute($"pragma user_version = {form}");
        session.Execute(
            """
            insert into account (id, email, email_key, tier, quota_bytes, created_at) values (1, 'o@x', 'O@X', 'premium', 100, 0);
            insert into blob (account_id, id, length, checksum, refs, store, created_at) values (1, x'01', 3, x'0a0b', 2, 'local', 0);
            insert into blob (account_id, id, length, checksum, refs, store, created_at) values (1, x'02', 5000000000, x'ff', 1, 'local', 0);
            insert into file (account_id, id, folder_id, name, blob_id, link, created_at)
                values (1, 1, 0, 'a', x'01', 'L1', 0), (1, 2, 0, 'b', x'01', 'L2', 0), (1, 3, 0, 'c', x'02', 'L3', 0);
            insert into upload (id, account_id, created_at, expires_at, finished_at, incoming) values ('open', null, 5, 50, null, 0), ('done', 1, 10, 99, 20, 1);
            insert into upload_file (upload_id, seq, name, link, length, checksum, removal_code, domain, no_ssl)
                values ('done', 0, 'a', 'L1', 3, x'0a0b', 'code', 2, 1), ('done', 1, 'c', 'L3', 5000000000, x'ff', null, 0, 0)
            """);
    }

    private static IEnumerable<int> Scripts() =>
        typeof(Migrations).Assembly.GetManifestResourceNames()
            .Where(static name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Select(static name => int.Parse(Path.GetFileNameWithoutExtension(name), System.Globalization.CultureInfo.InvariantCulture));

    private static string Read(int number)
    {
        using var reader = new StreamReader(typeof(Migrations).Assembly.GetManifestResourceStream($"{number:0000}.sql")!);
        return reader.ReadToEnd();
    }

    private static async Task<IReadOnlyList<string>> ListAsync(CatalogStore catalog, string sql, int columns) =>
        await catalog.ReadAsync<IReadOnlyList<string>>(
            session => [.. session.List(sql, row => string.Join('|', Enumerable.Range(0, columns).Select(column => row.IsDBNull(column) ? "" : row.GetString(column))))],
            CancellationToken.None);
}
