using Coffre.Compat.Fixture;

namespace Coffre.Compat;

public sealed class OldRcloneLimitsTests() : RcloneLimitsTests(newest: false);

public sealed class NewestRcloneLimitsTests() : RcloneLimitsTests(newest: true);

/// <summary>rclone, unmodified, in both profiles of limits.</summary>
public abstract class RcloneLimitsTests(bool newest)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    [Fact]
    public async Task In_the_strict_profile_its_own_retries_bring_it_through()
    {
        await using var rclone = await StartAsync("Limits:Profile=1fichier");
        using var local = Tree();

        // Each lists folders that it has listed a moment ago, which is what the rule forbids.
        (await rclone.RunAsync(null, ["copy", local["tree"], "F:tree"], timeout: Patience)).Ok();
        (await rclone.RunAsync(null, ["copy", "F:tree", local["back"]], timeout: Patience)).Ok();

        Assert.Equal("alpha", File.ReadAllText(local["back/a.txt"]));
        Assert.Equal("beta", File.ReadAllText(local["back/b/c.txt"]));
        var locked = rclone.Server.Log.Split('\n').Count(line => line.Contains("Locked ", StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine($"rclone {rclone.Version} was locked {locked} times");
        Assert.True(locked > 0, "Nothing was locked: this profile asks nothing of rclone, so it shows nothing.");
        rclone.Server.AssertNoFault();
    }

    [Fact]
    public async Task In_the_house_profile_nothing_holds_it_up()
    {
        await using var rclone = await StartAsync("Limits:Profile=house");
        using var local = Tree();

        (await rclone.RunAsync("copy", local["tree"], "F:tree", "--transfers", "8")).Ok();
        (await rclone.RunAsync("check", local["tree"], "F:tree", "--checkers", "8")).Ok();

        Assert.DoesNotContain("Locked ", rclone.Server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("TooManyRequests", rclone.Server.Log, StringComparison.Ordinal);
    }

    private static TempFolder Tree()
    {
        var local = new TempFolder();
        local.Write("tree/a.txt", "alpha");
        local.Write("tree/b/c.txt", "beta");
        return local;
    }

    private Task<RcloneRemote> StartAsync(string setting)
    {
        Assert.SkipWhen(newest && !RcloneRemote.HasNewest, "The newest rclone could not be had on this machine; ./test says why.");
        return RcloneRemote.StartAsync(newest, http2: newest, setting);
    }
}
