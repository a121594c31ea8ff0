using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Microsoft.Extensions.Time.Testing;

namespace Coffre.Tests.Serving;

public sealed class CatalogCacheTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coffre-test-").FullName;
    private readonly FakeTimeProvider _clock = new(TestServer.Start);
    private CatalogStore _catalog = null!;

    private string DatabasePath => Path.Combine(_folder, "catalog.db");

    public ValueTask InitializeAsync()
    {
        _catalog = CatalogStore.Open(DatabasePath, _clock);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _catalog.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_is_kept_is_void_as_soon_as_a_write_here_is_done()
    {
        var cache = Fill();
        Assert.Equal("kept", cache.Find(1));
        await WriteAsync(_catalog, "a@example.org");
        Assert.Null(cache.Find(1));
    }

    [Fact]
    public async Task What_is_kept_is_void_soon_after_another_program_wrote()
    {
        var cache = Fill();
        await using var other = CatalogStore.Open(DatabasePath, _clock);
        await WriteAsync(other, "b@example.org");
        Assert.True(SpinWait.SpinUntil(() => cache.Find(1) is null, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void What_was_read_before_a_change_and_is_kept_after_it_is_void()
    {
        var cache = new CatalogCache<int, string>(_catalog, 10, _clock);
        cache.Keep(1, "old", _catalog.Version - 1);
        Assert.Null(cache.Find(1));
    }

    [Fact]
    public void Nothing_is_kept_for_longer_than_a_second()
    {
        var cache = Fill();
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.NotNull(cache.Find(1));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(cache.Find(1));
    }

    [Fact]
    public void No_more_is_kept_than_the_capacity()
    {
        var cache = new CatalogCache<int, string>(_catalog, 10, _clock);
        for (var i = 0; i < 25; i++)
        {
            cache.Keep(i, "kept", _catalog.Version);
        }

        Assert.Equal(5, Enumerable.Range(0, 25).Count(i => cache.Find(i) is not null));
    }

    private CatalogCache<int, string> Fill()
    {
        var cache = new CatalogCache<int, string>(_catalog, 10, _clock);
        cache.Keep(1, "kept", _catalog.Version);
        return cache;
    }

    private Task<long> WriteAsync(CatalogStore catalog, string email) =>
        catalog.WriteAsync(
            session => new AccountTable(_clock).Insert(session, email, Tier.Premium, 1), CancellationToken.None);
}
