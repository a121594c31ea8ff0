using System.Net;
using Coffre.Server.Accounts;
using Coffre.Server.Vouchers;

namespace Coffre.Tests.Serving;

/// <summary>What the tiers may do, when they end, and vouchers that extend them.</summary>
public sealed class TierTests
{
    [Theory]
    [InlineData("free", "0", "")]
    [InlineData("premium", "1", "2099-12-31 23:59:59")]
    [InlineData("access", "2", "2099-12-31 23:59:59")]
    [InlineData("gold", "3", "2099-12-31 23:59:59")]
    public async Task Each_tier_has_its_offer_number(string tier, string offer, string end)
    {
        await using var server = await TestServer.StartAsync();
        var key = await AddAsync(server, TierName.Parse(tier), until: null);
        var info = (await server.CallAsync("user/info.cgi", "{}", key)).Json;
        Assert.Equal(offer, info.GetProperty("offer").GetString());
        Assert.Equal(end, info.GetProperty("subscription_end").GetString());
    }

    [Fact]
    public async Task A_tier_that_has_ended_is_the_free_one_and_says_when_it_ended()
    {
        await using var server = await TestServer.StartAsync(("Tiers:FreeCalls", "false"));
        var key = await AddAsync(server, Tier.Gold, TestServer.Start.AddDays(1));
        (await server.CallAsync("folder/ls.cgi", "{}", key)).IsOk();
        server.Clock.Advance(TimeSpan.FromDays(1));
        (await server.CallAsync("folder/ls.cgi", "{}", key)).IsKo(HttpStatusCode.Forbidden, 200);
        var info = (await server.CallAsync("user/info.cgi", "{}", key)).Json;
        Assert.Equal("0", info.GetProperty("offer").GetString());
        Assert.Equal("2026-06-02 14:00:00", info.GetProperty("subscription_end").GetString());
    }

    [Fact]
    public async Task The_free_tier_uploads_and_sees_its_account_and_nothing_else_in_the_strict_profile()
    {
        await using var server = await TestServer.StartAsync(("Limits:Profile", "1fichier"), ("Limits:AddressRate", "0"), ("Limits:KeyRate", "0"));
        var key = await AddAsync(server, Tier.Free, until: null);
        await server.UploadAsync("mine", [1], key: key);
        (await server.CallAsync("user/info.cgi", "{}", key)).IsOk();
        foreach (var call in new[] { "file/ls", "folder/ls", "file/info", "download/get_token", "folder/mkdir", "file/rm" })
        {
            var refused = await server.CallAsync($"{call}.cgi", "{}", key);
            refused.IsKo(HttpStatusCode.Forbidden, 200);
            Assert.Equal("Must be a customer (Premium, Access) #200", refused.Message);
        }
    }

    [Fact]
    public async Task The_house_grants_the_free_tier_everything()
    {
        await using var server = await TestServer.StartAsync();
        var key = await AddAsync(server, Tier.Free, until: null);
        (await server.CallAsync("folder/ls.cgi", "{}", key)).IsOk();
    }

    [Fact]
    public async Task A_file_may_be_as_large_as_its_tier_allows()
    {
        await using var server = await TestServer.StartAsync(
            ("Tiers:FreeFileBytes", "100"), ("Tiers:PremiumFileBytes", "200"), ("Tiers:GuestFileBytes", "50"), ("Uploads:Anonymous", "true"));
        var (free, premium) = (await AddAsync(server, Tier.Free, until: null), server.Key);
        foreach (var (key, most) in new[] { (free, 100), (premium, 200), ("", 50) })
        {
            Assert.Equal(HttpStatusCode.Found, (await server.PostUploadAsync(await server.OpenUploadAsync(key), TestServer.Form(0, ("f", new byte[most])), key)).Status);
            (await server.PostUploadAsync(await server.OpenUploadAsync(key), TestServer.Form(0, ("f", new byte[most + 1])), key))
                .IsKo(HttpStatusCode.RequestEntityTooLarge, 9040);
        }
    }

    [Fact]
    public async Task A_voucher_is_listed_by_its_holder_checked_used_once_and_extends_the_subscription()
    {
        await using var server = await TestServer.StartAsync();
        var (reseller, customer) = (await server.AddAccountAsync("reseller@example.org", 1000), await AddAsync(server, Tier.Free, until: null));
        var code = (await MakeAsync(server, "reseller@example.org", Tier.Gold, 30)).Code;

        var listed = (await server.CallAsync("vouchers/ls.cgi", "{}", reseller)).Json;
        Assert.Equal(1, listed.GetProperty("count").GetInt32());
        Assert.Equal(code, listed.GetProperty("data")[0].GetProperty("voucher").GetString());
        Assert.Equal("Gold, 30 days", listed.GetProperty("data")[0].GetProperty("service").GetString());
        Assert.Equal(0, (await server.CallAsync("vouchers/ls.cgi", "{}", customer)).Json.GetProperty("count").GetInt32());

        var check = await server.CallAsync("vouchers/check.cgi", $$"""{"voucher":"{{code}}"}""", customer);
        check.IsOk();
        Assert.Equal("Gold, 30 days", check.Json.GetProperty("service").GetString());

        (await server.CallAsync("vouchers/use.cgi", $$"""{"voucher":"{{code}}","user_email":"tier@example.org"}""", reseller)).IsOk();
        var info = (await server.CallAsync("user/info.cgi", "{}", customer)).Json;
        Assert.Equal("3", info.GetProperty("offer").GetString());
        Assert.Equal("2026-07-01 14:00:00", info.GetProperty("subscription_end").GetString());

        (await server.CallAsync("vouchers/use.cgi", $$"""{"voucher":"{{code}}"}""", customer)).IsKo(HttpStatusCode.Conflict, 9055);
        (await server.CallAsync("vouchers/check.cgi", $$"""{"voucher":"{{code}}"}""", customer)).IsKo(HttpStatusCode.Conflict, 9055);
        Assert.Equal(0, (await server.CallAsync("vouchers/ls.cgi", "{}", reseller)).Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task A_second_voucher_of_the_tier_adds_its_days_and_one_of_another_tier_is_not_wasted()
    {
        await using var server = await TestServer.StartAsync();
        var key = await AddAsync(server, Tier.Premium, TestServer.Start.AddDays(10));
        var (same, other) = (await MakeAsync(server, null, Tier.Premium, 5), await MakeAsync(server, null, Tier.Access, 5));
        (await UseAsync(server, other.Code, key)).IsKo(HttpStatusCode.Conflict, 9056);
        (await UseAsync(server, same.Code, key)).IsOk();
        Assert.Equal("2026-06-16 14:00:00", (await server.CallAsync("user/info.cgi", "{}", key)).Json.GetProperty("subscription_end").GetString());
        (await server.CallAsync("vouchers/check.cgi", $$"""{"voucher":"{{other.Code}}"}""", key)).IsOk();

        // The owner's subscription has no end: there is nothing to extend.
        var third = await MakeAsync(server, null, Tier.Premium, 5);
        (await UseAsync(server, third.Code, server.Key)).IsKo(HttpStatusCode.Conflict, 9056);
    }

    [Fact]
    public async Task A_voucher_that_is_unknown_missing_expired_or_for_nobody_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        var key = await AddAsync(server, Tier.Free, until: null);
        (await UseAsync(server, new string('A', 32), key)).IsKo(HttpStatusCode.NotFound, 9054);
        (await server.CallAsync("vouchers/use.cgi", "{}", key)).IsKo(HttpStatusCode.BadRequest, 9013);
        var expiring = await server.Catalog.WriteAsync(
            session => server.Room<VoucherTable>().Insert(session, null, Tier.Premium, 5, TestServer.Start.AddDays(1)), CancellationToken.None);
        (await server.CallAsync("vouchers/use.cgi", $$"""{"voucher":"{{expiring.Code}}","user_email":"nobody@example.org"}""", key))
            .IsKo(HttpStatusCode.BadRequest, 9014);
        server.Clock.Advance(TimeSpan.FromDays(1));
        (await UseAsync(server, expiring.Code, key)).IsKo(HttpStatusCode.Conflict, 9055);
    }

    [Fact]
    public async Task One_voucher_used_sixteen_times_at_once_counts_once()
    {
        await using var server = await TestServer.StartAsync();
        var key = await AddAsync(server, Tier.Premium, TestServer.Start.AddDays(10));
        var code = (await MakeAsync(server, null, Tier.Premium, 5)).Code;
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => UseAsync(server, code, key)));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal("2026-06-16 14:00:00", (await server.CallAsync("user/info.cgi", "{}", key)).Json.GetProperty("subscription_end").GetString());
    }

    private static Task<Answer> UseAsync(TestServer server, string code, string key) =>
        server.CallAsync("vouchers/use.cgi", $$"""{"voucher":"{{code}}"}""", key);

    private static Task<Voucher> MakeAsync(TestServer server, string? holder, Tier tier, int days) =>
        server.Catalog.WriteAsync(
            session => server.Room<VoucherTable>().Insert(
                session, holder is null ? null : server.Room<AccountTable>().FindByEmail(session, holder)!.Id, tier, days, expiresAt: null),
            CancellationToken.None);

    private static async Task<string> AddAsync(TestServer server, Tier tier, DateTimeOffset? until)
    {
        var key = await server.AddAccountAsync("tier@example.org", 1_000_000);
        await server.Catalog.WriteAsync(
            session =>
            {
                var accounts = server.Room<AccountTable>();
                accounts.Subscribe(session, accounts.FindByEmail(session, "tier@example.org")!.Id, new Subscription(tier, until));
                return true;
            },
            CancellationToken.None);
        return key;
    }
}
