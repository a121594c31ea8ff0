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

    private FilledCatalog(string data, string key, long files) => (Data, Key, Files) = (data, key, files);

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
        Run(connection, $"insert into blob (account_id, id, length, checksum, refs, store, created_at) {numbers} select {owner}, cast(printf('%016d', i) as blob), 4096 + i, zeroblob(64), 1, 'local', i from n");
        Run(connection,
            $"""
            insert into file (account_id, id, folder_id, name, blob_id, link, created_at) {numbers}
            select {owner}, i, iif(i <= {Listed}, {ListedFolder}, 0), printf('holiday picture %09d.jpeg', i), cast(printf('%016d', i) as blob), printf('%020d', i), i from n
            """);
        Run(connection, $"insert into link (link, account_id, file_id) {numbers} select printf('%020d', i), {owner}, i from n");
        Run(connection, "commit");
        return new FilledCatalog(data, key, files);
    }

    /// <summary>The link of some file.</summary>
    public string Link(CoffreServer server, Random random) =>
        string.Create(CultureInfo.InvariantCulture, $"{server.Address}/?{random.NextInt64(1, Files + 1):D20}");

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
