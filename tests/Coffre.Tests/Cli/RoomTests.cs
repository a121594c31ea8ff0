using Coffre.Cli.Running;
using Coffre.Protocol.V1;
using Coffre.Tests.Client;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>How full an account is: shown with its age, and known before a large file is sent for nothing.</summary>
public sealed class RoomTests : IDisposable
{
    private const long Large = 80_000_000;

    private readonly CliRunner _cli = new();

    public void Dispose() => _cli.Dispose();

    private string Sparse(string name)
    {
        using var file = File.Create(_cli.Local(name));
        file.SetLength(Large);
        return file.Name;
    }

    [Fact]
    public async Task A_file_that_has_no_room_is_refused_before_a_byte_is_sent()
    {
        await using var server = await TestServer.StartAsync();
        var key = await server.AddAccountAsync("small@example.org", 50_000_000);
        (await _cli.PipeAsync(key, "auth", "login", "--url", server.Address.ToString())).Ok();

        var outcome = (await _cli.RunAsync("put", Sparse("big"), ":/", "--json", "--explain-requests")).Is(ExitCode.QuotaOrPlan);

        Assert.Equal("The file has 80.0 MB, and 50.0 MB are free. Nothing was sent.", outcome.Json.GetProperty("error").GetProperty("message").GetString());
        Assert.DoesNotContain(outcome.Json.GetProperty("requests").EnumerateArray(), call => call.GetProperty("endpoint").GetString()!.Contains("upload", StringComparison.Ordinal));
        (await _cli.RunAsync("put", _cli.Write("little", "x"), ":/")).Ok();
    }

    [Fact]
    public async Task Where_asking_is_dear_the_last_answer_counts_and_says_its_age()
    {
        var service = new FakeService()
            .On(V1Paths.FolderLs, """{"status":"OK","sub_folders":[],"items":[]}""")
            .On(V1Paths.UserInfo, """{"status":"OK","email":"me@example.org","offer":"1","cold_storage":2000000,"hot_storage":3000000,"allowed_cold_storage":1000000,"cdn":"12.5","subscription_end":"2027-01-31 12:00:00","overquota":1}""");
        _cli.Handler = service;
        _cli.Time = service.Clock;
        _cli.Variables["COFFRE_API_KEY"] = "0123456789abcdefghijklmnopqrstuv";

        var first = (await _cli.RunAsync("quota")).Ok();
        Assert.Matches(@"(?s)used: +2\.0 MB.*allowed: +1\.0 MB.*free: +0 B.*hot: +3\.0 MB.*cold: +2\.0 MB.*state: +over quota.*CDN: +12\.5 GB.*ends: +2027-01-31", first.Out);
        Assert.Empty(first.Error);
        await Task.Delay(TimeSpan.FromMinutes(3), service.Clock, TestContext.Current.CancellationToken);
        Assert.Contains("from the last answer of the service, as of 3 min ago", (await _cli.RunAsync("quota")).Ok().Error, StringComparison.Ordinal);
        Assert.True((await _cli.RunAsync("quota", "--json")).Ok().Json.TryGetProperty("as_of", out _));

        (await _cli.RunAsync("put", Sparse("big"), ":/")).Is(ExitCode.QuotaOrPlan);

        Assert.Single(service.All(V1Paths.UserInfo));
    }
}
