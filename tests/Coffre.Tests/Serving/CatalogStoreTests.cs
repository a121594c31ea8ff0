using System.Diagnostics;
using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Coffre.Tests.Serving;

public sealed class CatalogStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coffre-test-").FullName;
    private readonly FakeTimeProvider _clock = new(TestServer.Start);

    private string DatabasePath => Path.Combine(_folder, "catalog.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Many_writers_at_once_lose_nothing()
    {
        await using var catalog = CatalogStore.Open(DatabasePath, _clock);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => PutAsync(catalog, $"n{i}")));
        Assert.Equal(500, await CountAsync(catalog));
    }

    [Fact]
    public async Task A_piece_of_work_that_throws_or_faults_leaves_nothing_and_harms_no_neighbour()
    {
        await using var catalog = CatalogStore.Open(DatabasePath, _clock);
        var work = Enumerable.Range(0, 60).Select(async i =>
        {
            try
            {
                return await catalog.WriteAsync<Outcome<int>>(
                    session =>
                    {
                        Put(session, $"n{i}");
                        return (i % 3) switch
                        {
                            0 => i,
                            1 => new Fault(KoCode.NotFound),
                            _ => throw new InvalidOperationException("on purpose"),
                        };
                    },
                    CancellationToken.None);
            }
            catch (InvalidOperationException)
            {
                return new Fault(KoCode.InternalError);
            }
        });
        var outcomes = await Task.WhenAll(work);
        Assert.Equal(20, outcomes.Count(outcome => !outcome.IsFault));
        Assert.Equal(20, await CountAsync(catalog));
    }

    [Fact]
    public async Task A_reader_keeps_its_snapshot_while_others_write()
    {
        await using var catalog = CatalogStore.Open(DatabasePath, _clock);
        await PutAsync(catalog, "before");
        using (var lease = await catalog.OpenReadAsync(CancellationToken.None))
        {
            Assert.Equal(1, Count(lease.Session));
            await PutAsync(catalog, "after");
            Assert.Equal(1, Count(lease.Session));
        }

        Assert.Equal(2, await CountAsync(catalog));
    }

    [Fact]
    public async Task A_reader_does_not_wait_for_a_writer()
    {
        await using var catalog = CatalogStore.Open(DatabasePath, _clock);
        using var go = new ManualResetEventSlim();
        var writing = catalog.WriteAsync(
            session =>
            {
                Put(session, "slow");
                go.Wait(TimeSpan.FromSeconds(30));
                return true;
            },
            CancellationToken.None);
        Assert.Equal(0, await CountAsync(catalog));
        go.Set();
        await writing;
        Assert.Equal(1, await CountAsync(catalog));
    }

    [Fact]
    public async Task What_was_written_is_there_after_it_is_opened_again()
    {
        await using (var catalog = CatalogStore.Open(DatabasePath, _clock))
        {
            await PutAsync(catalog, "kept");
        }

        await using var again = CatalogStore.Open(DatabasePath, _clock);
        Assert.Equal(1, await CountAsync(again));
        Assert.Equal(Migrations.Newest, await again.ReadAsync(session => session.Number("pragma user_version"), CancellationToken.None));
    }

    [Fact]
    public void A_session_that_is_over_is_refused_and_its_watch_tells_what_it_knew_last()
    {
        var session = CatalogSession.Open(DatabasePath);
        var watch = new CatalogWatch(session);
        watch.Changed(rights: false);
        var asked = Stopwatch.StartNew();
        watch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Number("pragma data_version"));
        Assert.Throws<ObjectDisposedException>(() => session.Execute("begin"));
        Assert.True(SpinWait.SpinUntil(() => watch.VersionOf(CatalogPart.Everything) == 1 && asked.Elapsed > CatalogWatch.Pause, TimeSpan.FromSeconds(30)));
        Assert.Equal(1, watch.VersionOf(CatalogPart.Everything));
    }

    [Fact]
    public async Task Changes_of_an_account_are_numbered_without_gaps_under_parallel_writes()
    {
        await using var catalog = CatalogStore.Open(DatabasePath, _clock);
        var accounts = new AccountTable(_clock);
        var ids = new List<long>();
        foreach (var email in new[] { "a@x", "b@x" })
        {
            ids.Add(await catalog.WriteAsync(session => accounts.Insert(session, email, Tier.Premium, 1), CancellationToken.None));
        }

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => catalog.WriteAsync<Outcome<bool>>(
            session =>
            {
                accounts.AddChange(session, ids[i % 2], new Change("test"));
                return i % 5 == 0 ? new Fault(KoCode.NotFound) : true;
            },
            CancellationToken.None)));
        foreach (var id in ids)
        {
            var numbers = await catalog.ReadAsync(
                session => session.List("select no from change where account_id = @id order by no", row => row.GetInt64(0), ("@id", id)).ToList(),
                CancellationToken.None);
            Assert.Equal(Enumerable.Range(1, 80).Select(number => (long)number), numbers);
        }
    }

    [Fact]
    public async Task A_catalog_of_a_newer_version_is_refused_with_a_sentence()
    {
        await using (CatalogStore.Open(DatabasePath, _clock))
        {
        }

        using (var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "pragma user_version = 9999";
            command.ExecuteNonQuery();
        }

        var refused = Assert.Throws<CatalogException>(() => CatalogStore.Open(DatabasePath, _clock));
        Assert.Contains("9999", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_catalog_is_refused_with_its_path()
    {
        File.WriteAllText(DatabasePath, new string('x', 5000));
        var refused = Assert.Throws<CatalogException>(() => CatalogStore.Open(DatabasePath, _clock));
        Assert.Contains(DatabasePath, refused.Message, StringComparison.Ordinal);
    }

    private static Task<bool> PutAsync(CatalogStore catalog, string name) =>
        catalog.WriteAsync(
            session =>
            {
                Put(session, name);
                return true;
            },
            CancellationToken.None);

    private static void Put(CatalogSession session, string name) =>
        session.Execute("insert into setting (name, value) values (@name, 'x')", ("@name", name));

    private static long Count(CatalogSession session) =>
        session.Number("select count(*) from setting where value = 'x'")!.Value;

    private static ValueTask<long> CountAsync(CatalogStore catalog) => catalog.ReadAsync(Count, CancellationToken.None);
}
