using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Microsoft.Extensions.Time.Testing;

namespace Coffre.Tests.Serving;

public sealed class GroupWorkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coffre-test-").FullName;
    private readonly FakeTimeProvider _clock = new(TestServer.Start);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task All_that_wait_are_done_in_one_go()
    {
        await using var catalog = Open();
        var work = new Putter();
        using var go = new ManualResetEventSlim();
        var blocker = Block(catalog, go);
        var waiting = Enumerable.Range(0, 100).Select(i => catalog.WriteAsync(work, $"n{i}", CancellationToken.None)).ToList();
        go.Set();
        await blocker;
        Assert.All(await Task.WhenAll(waiting), outcome => Assert.False(outcome.IsFault));
        Assert.Equal(100, await CountAsync(catalog));
        Assert.InRange(work.Runs, 1, 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_does_not_go_well_leaves_nothing_and_harms_no_other(bool isThrown)
    {
        await using var catalog = Open();
        var work = new Putter { Throws = isThrown };
        using var go = new ManualResetEventSlim();
        var blocker = Block(catalog, go);
        var waiting = Enumerable.Range(0, 50).Select(async i =>
        {
            try
            {
                return await catalog.WriteAsync(work, i % 10 == 3 ? $"bad{i}" : $"n{i}", CancellationToken.None);
            }
            catch (InvalidOperationException)
            {
                return new Fault(KoCode.InternalError);
            }
        }).ToList();
        go.Set();
        await blocker;
        var outcomes = await Task.WhenAll(waiting);
        Assert.Equal(45, outcomes.Count(outcome => !outcome.IsFault));
        Assert.Equal(45, await CountAsync(catalog));
        Assert.All(outcomes.Where(outcome => outcome.IsFault), outcome => Assert.Equal(isThrown ? KoCode.InternalError : KoCode.NotFound, outcome.Fault!.Code));
    }

    [Fact]
    public async Task What_waits_for_a_group_does_not_run_on_the_writers_thread()
    {
        await using var catalog = Open();
        var work = new Putter();
        var names = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            await catalog.WriteAsync(work, i == 5 ? "bad" : $"n{i}", CancellationToken.None);
            return Thread.CurrentThread.Name;
        }));
        Assert.DoesNotContain("coffre catalog", names);
    }

    [Fact]
    public async Task What_is_remembered_of_keys_outlives_uploads_but_no_change_of_accounts_and_keys()
    {
        await using var catalog = Open();
        var accounts = new AccountTable(_clock);
        var id = await catalog.WriteAsync(session => accounts.Insert(session, "a@example.org", Tier.Premium, 100), CancellationToken.None);

        await Unchanged(session => session.Execute("update account set used_bytes = used_bytes + 1, reserved_bytes = 0, change_no = change_no + 1 where id = @id", ("@id", id)));
        await Unchanged(session => session.Execute("insert or replace into link (link, account_id, file_id) values ('x', 1, 1)"));
        await Unchanged(session => session.Execute("delete from upload where id = 'x'"));
        await Changed(session => session.Execute("update account set used_bytes = 1, suspended = 1 where id = @id", ("@id", id)));
        await Changed(session => session.Execute("delete from api_key where id = 5"));
        await Changed(session => session.Execute("insert into session (account_id, id, digest, created_at, ends_at, fresh_until, last_used_at, last_network, last_client) values (@id, 1, x'00', 0, 0, 0, 0, '', '')", ("@id", id)));
        await Changed(session => session.Number("update account set role = 'owner' where id = @id returning id", ("@id", id)) is null ? 0 : 1);
        await Changed(session => session.Execute("update account set tier = 'free' where id = 1; update account set tier = 'premium' where id = 1"));

        Task Changed(Func<CatalogSession, int> work) => RunAsync(work, isChange: true);
        Task Unchanged(Func<CatalogSession, int> work) => RunAsync(work, isChange: false);

        async Task RunAsync(Func<CatalogSession, int> work, bool isChange)
        {
            // The own commits are found by asking, too, now and then: what counts is that a change is never missed, and that most commits are none.
            var quiet = 0;
            for (var i = 0; i < 5; i++)
            {
                var (rights, all) = (catalog.VersionOf(CatalogPart.Rights), catalog.Version);
                await catalog.WriteAsync(session => work(session) >= 0, CancellationToken.None);
                Assert.NotEqual(all, catalog.Version);
                var same = rights == catalog.VersionOf(CatalogPart.Rights);
                Assert.False(isChange && same);
                quiet += same ? 1 : 0;
                if (isChange)
                {
                    return;
                }
            }

            Assert.InRange(quiet, 1, 5);
        }
    }

    private CatalogStore Open() => CatalogStore.Open(Path.Combine(_folder, "catalog.db"), _clock);

    private static Task<bool> Block(CatalogStore catalog, ManualResetEventSlim go) => catalog.WriteAsync(
        _ => go.Wait(TimeSpan.FromSeconds(30)), CancellationToken.None);

    private static ValueTask<long> CountAsync(CatalogStore catalog) =>
        catalog.ReadAsync(session => session.Number("select count(*) from setting where value = 'x'")!.Value, CancellationToken.None);

    private sealed class Putter : IGroupWork<string, Outcome<string>>
    {
        public int Runs { get; private set; }

        public bool Throws { get; init; }

        public IReadOnlyList<Outcome<string>> Run(CatalogSession session, IReadOnlyList<string> items)
        {
            Runs++;
            var results = new List<Outcome<string>>();
            foreach (var item in items)
            {
                session.Execute("insert into setting (name, value) values (@name, 'x')", ("@name", item));
                if (item.StartsWith("bad", StringComparison.Ordinal))
                {
                    if (Throws)
                    {
                        throw new InvalidOperationException("on purpose");
                    }

                    results.Add(new Fault(KoCode.NotFound));
                    return results;
                }

                results.Add(item);
            }

            return results;
        }
    }
}
