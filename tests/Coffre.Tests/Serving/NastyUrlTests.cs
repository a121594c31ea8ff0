using System.Globalization;
using System.Net;
using System.Text.Json;
using Coffre.Server.Remote;
using Coffre.Server.Settings;
using Microsoft.Extensions.DependencyInjection;

namespace Coffre.Tests.Serving;

/// <summary>A corpus of URLs that must lead nowhere: spellings of private addresses, names of them, other schemes, tricks on parsers.</summary>
public sealed class NastyUrlTests
{
    private static readonly string[] Corpus =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "nasty-urls.txt"))
            .Where(line => !line.StartsWith('#')).Select(line => JsonSerializer.Deserialize<string>(line)!),
    ];

    [Fact]
    public void There_are_more_than_two_hundred_of_them() => Assert.InRange(Corpus.Distinct().Count(), 200, int.MaxValue);

    [Fact]
    public async Task None_of_them_is_ever_connected_to()
    {
        var connector = new SourceConnector(new Inside(), Settings());
        foreach (var text in Corpus)
        {
            if (SourceUrl.TryRead(text, out var url))
            {
                // Judged, before any connection was tried: that would leave its own error inside.
                var refused = await Assert.ThrowsAsync<SourceException>(() => connector.ConnectAsync(url.IdnHost, url.Port, CancellationToken.None));
                Assert.True(refused.InnerException is null, $"{text} was connected to");
            }
        }
    }

    [Fact]
    public async Task Each_is_refused_at_once_or_ends_like_a_host_that_does_not_answer()
    {
        await using var server = await TestServer.StartAsync(
            null, services => services.AddSingleton<INameResolver>(new Inside()),
            ("Remote:Ports", "0"), ("Remote:RetrySeconds", "0"), ("Remote:Tries", "1"), ("Remote:PerAccount", "50"), ("Remote:Parallel", "50"), ("Remote:PerHost", "50"));
        var ids = new Dictionary<long, string>();
        foreach (var text in Corpus)
        {
            var asked = await server.CallAsync("remote/request.cgi", JsonSerializer.Serialize(new { urls = new[] { text } }));
            if (asked.Status == HttpStatusCode.OK)
            {
                ids[asked.Json.GetProperty("id").GetInt64()] = text;
            }
            else
            {
                asked.IsKo(HttpStatusCode.BadRequest, 9014);
            }
        }

        foreach (var (id, text) in ids)
        {
            await server.Log.WaitForAsync(line => line.Contains($"Remote request {id} ", StringComparison.Ordinal) && line.Contains(" failed, ", StringComparison.Ordinal));
            var result = (await server.CallAsync("remote/info.cgi", string.Create(CultureInfo.InvariantCulture, $"{{\"id\":{id}}}"))).Json.GetProperty("result")[0];
            var message = result.GetProperty("message").GetString();
            Assert.True(message is "The source could not be reached" or "The URL has characters that FTP cannot send", $"{text}: {message}");
        }

        Assert.Empty(server.Log.Troubles);
    }

    [Theory]
    [InlineData("1.1.1.1", true)]
    [InlineData("93.184.216.34", true)]
    [InlineData("172.32.0.1", true)]
    [InlineData("100.128.0.1", true)]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("2a00:1450:4001::1", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.255.255.255", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.0.0.1", false)]
    [InlineData("192.88.99.1", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("198.19.255.255", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("240.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("64:ff9b:1::1", false)]
    [InlineData("2001::1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("fc00::1", false)]
    [InlineData("fd12:3456::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fe80::1%2", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:192.168.0.1", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("2606:4700::5efe:10.0.0.1", false)]
    [InlineData("192.168.77.1", true)]
    [InlineData("192.168.78.1", false)]
    public void Public_addresses_and_networks_that_were_opened_may_be_connected_to(string address, bool may) =>
        Assert.Equal(may, new AddressJudge([IPNetwork.Parse("192.168.77.0/24")]).MayConnect(IPAddress.Parse(address)));

    [Fact]
    public void This_machines_own_addresses_may_not_although_they_are_public()
    {
        var judge = new AddressJudge([], () => [IPAddress.Parse("93.184.216.34"), IPAddress.Parse("2606:4700:4700::1111")]);
        Assert.All(["93.184.216.34", "::ffff:93.184.216.34", "2606:4700:4700::1111"], address => Assert.False(judge.MayConnect(IPAddress.Parse(address))));
        Assert.True(judge.MayConnect(IPAddress.Parse("93.184.216.35")));
    }

    [Theory]
    [InlineData("http://h/a%20b.txt", null, "a b.txt")]
    [InlineData("http://h/dir/", null, "dir")]
    [InlineData("http://h/", null, "h")]
    [InlineData("http://h/..%2f..%2fetc%2fpasswd", null, "passwd")]
    [InlineData("http://h/a", "attachment; filename=\"../../x.txt\"", "x.txt")]
    [InlineData("http://h/a", "attachment; filename*=UTF-8''%e2%82%ac.txt", "€.txt")]
    [InlineData("http://h/a", "attachment; filename=\"\"", "a")]
    [InlineData("http://h/a%3Cb%3E", null, "a_b_")]
    public void A_file_is_called_by_the_header_or_the_path_and_never_leaves_its_folder(string url, string? disposition, string name)
    {
        var header = disposition is null ? null : System.Net.Http.Headers.ContentDispositionHeaderValue.Parse(disposition);
        Assert.Equal(name, SourceUrl.NameOf(new Uri(url), header));
    }

    private static ServerSettings Settings()
    {
        var folder = Directory.CreateTempSubdirectory("coffre-test-").FullName;
        try
        {
            return SettingsLoader.Load(folder, [new("Remote:Ports", "0")]);
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    /// <summary>Every name is a host inside.</summary>
    private sealed class Inside : INameResolver
    {
        public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.0.0.1")]);
    }
}
