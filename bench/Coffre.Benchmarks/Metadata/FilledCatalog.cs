using System.Globalization;
using Coffre.Benchmarks.Peers;
using Microsoft.Data.Sqlite;

namespace Coffre.Benchmarks.Metadata;

/// <summary>A data folder whose catalog has many files in the owner's account. Their bytes exist in name only.</summary>
internal sealed class FilledCatalog
{
    /// <summary>Files of the one folder that listings are measured on.</summary>
    public const int Listed = 1000;

    private const long ListedFolder = 7;

    // Different files that are asked for: more than a cache of 8 MB holds, in the large catalog.
    private const int Asked = 20_000;

    private readonly string[] _links;

    private FilledCatalog(string data, string key, long files, string[] links) => (Data, Key, Files, _links) = (data, key, files, links);

    /// <summary>The data folder.</summary>
    public string Data { get; }

    /// <summary>The owner's key.</summary>
    public string Key { get; }

    public long Files { get; }

    public string ListBody => string.Create(CultureInfo.InvariantCulture, $$"""{"folder_id":{{ListedFolder}}}""");

    /// <summary>Makes it: straight into the tables, as a server would need hours.</summary>
    public static FilledCatalog Make(Workshop shop, string name, long files)
    {
        var data = shop.Folder(name);
        string key;
        using (var server = new CoffreServer(data))
        {
            key = server.Key;
        }

        using var connection = new SqliteConnection($"Data Source={Path.Combine(data, "catalog.db")};Pooling=False");
        connection.Open();
        Run(connection, "pragma journal_mode = delete");
        Run(connection, "pragma synchronous = off");
        Run(connection, "pragma foreign_keys = off");
        Run(connection, "pragma cache_size = -1000000");
        Run(connection, "begin");
        Run(connection, $"insert into folder (account_id, id, parent_id, name, created_at) select id, {ListedFolder}, 0, 'listed', 0 from account where email = 'owner@localhost'");
        var numbers = string.Create(CultureInfo.InvariantCulture, $"with recursive n(i) as (select 1 union all select i + 1 from n where i < {files})");
        const string owner = "(select id from account where email = 'owner@localhost')";
        Run(connection, $"insert into blob (account_id, id, refs, store, created_at) {numbers} select {owner}, cast(printf('%016d', i) as blob), 1, 'local', i from n");

        // Links are random, as real ones are: what is looked up and what is added lies anywhere in their table.
        Run(connection,
            $"""
            insert into file (account_id, id, folder_id, name, blob_id, length, checksum, link, created_at) {numbers}
            select {owner}, i, iif(i <= {Listed}, {ListedFolder}, 0), printf('holiday picture %09d.jpeg', i), cast(printf('%016d', i) as blob), 4096 + i, zeroblob(64), lower(hex(randomblob(10))), i from n
            """);
        Run(connection, "insert into link (link, account_id, file_id) select link, account_id, id from file order by link");
        Run(connection, "commit");
        return new FilledCatalog(data, key, files, Links(connection, files));
    }

    /// <summary>The link of some file.</summary>
    public string Link(CoffreServer server, Random random) => $"{server.Address}/?{_links[random.Next(_links.Length)]}";

    private static string[] Links(SqliteConnection connection, long files)
    {
        var random = new Random(1);
        using var command = connection.CreateCommand();
        command.CommandText = "select link from file where id = $id and account_id = (select id from account where email = 'owner@localhost')";
        var id = command.Parameters.Add("$id", SqliteType.Integer);
        return [.. Enumerable.Range(0, Asked).Select(_ =>
        {
            id.Value = random.NextInt64(1, files + 1);
            return (string)command.ExecuteScalar()!;
        })];
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Made here, of constants and numbers.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.CommandTimeout = 0;
        command.ExecuteNonQuery();
    }
}
