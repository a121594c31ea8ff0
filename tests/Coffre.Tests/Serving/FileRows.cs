namespace Coffre.Tests.Serving;

/// <summary>Files that exist in name only, for tests that want many.</summary>
internal static class FileRows
{
    /// <summary>As many further files in the folder of the first file, with its bytes.</summary>
    public static Task MultiplyAsync(TestServer server, int count) => MultiplyAgainAsync(server, 0, count);

    /// <summary>The same once more, behind <paramref name="first"/> that were made before.</summary>
    public static Task MultiplyAgainAsync(TestServer server, int first, int count) => server.Catalog.WriteAsync(
        session =>
        {
            session.Execute(
                """
                insert into file (account_id, id, folder_id, name, blob_id, length, checksum, link, created_at)
                with recursive n(i) as (select @first + 1 union all select i + 1 from n where i < @first + @count)
                select f.account_id, f.id + 1000 + i, f.folder_id, printf('copy %08d.jpeg', i), f.blob_id, f.length, f.checksum, printf('%020d', i), f.created_at + i
                from n, (select * from file limit 1) f
                """,
                ("@first", first), ("@count", count));
            return true;
        },
        CancellationToken.None);
}
