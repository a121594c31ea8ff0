using System.Diagnostics;
using Coffre.Benchmarks.Peers;
using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Keys;

namespace Coffre.Benchmarks.Metadata;

/// <summary>How long it takes to find who presents a key, among very many, without the memory of the last second.</summary>
internal static class KeyLookup
{
    public const int Keys = 1_000_000;
    private const int Asked = 2000;
    private const int Lookups = 50_000;

    /// <summary>The median and the 99th of a hundred, in microseconds.</summary>
    public static (double Median, double P99) Measure(Workshop shop) => MeasureAsync(shop).GetAwaiter().GetResult();

    private static async Task<(double Median, double P99)> MeasureAsync(Workshop shop)
    {
        await using var catalog = CatalogStore.Open(Path.Combine(shop.Root, "keys.db"), TimeProvider.System);
        var keys = new KeyTable(new KeyDigest(new byte[32]), new IdSource(TimeProvider.System), TimeProvider.System);
        var secrets = await catalog.WriteAsync(session => Fill(session, keys), CancellationToken.None);

        var random = new Random(1);
        var times = new List<double>(Lookups);
        for (var i = 0; i < Lookups; i++)
        {
            var key = secrets[random.Next(secrets.Count)];
            var start = Stopwatch.GetTimestamp();
            var caller = await catalog.ReadAsync(session => keys.FindCaller(session, key), CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            if (caller is null)
            {
                throw new InvalidOperationException("A good key was not found.");
            }
        }

        times.Sort();
        return (times[Lookups / 2], times[Lookups * 99 / 100]);
    }

    private static List<string> Fill(CatalogSession session, KeyTable keys)
    {
        var account = new AccountTable(TimeProvider.System).Insert(session, "many@example.org", Tier.Premium, 1);
        session.Execute(
            """
            insert into api_key (account_id, id, digest, name, hint, created_at)
            with recursive n(i) as (select 1 union all select i + 1 from n where i < @count)
            select @account, i, randomblob(32), 'one of many', 'abcd', i from n
            """,
            ("@count", Keys - Asked), ("@account", account));
        return [.. Enumerable.Range(0, Asked).Select(_ => keys.Issue(session, account, new NewKey("asked", KeyRights.All)).Secret)];
    }
}
