using System.Net;
using Coffre.Client;
using Coffre.Protocol.V1;

namespace Coffre.Tests.Client;

/// <summary>Remote uploads as calls: the shapes that were seen, and an answer that was lost.</summary>
public sealed class RemoteUploadTests
{
    private const string Url = "https://example.org/a";

    [Fact]
    public async Task Urls_folder_and_headers_are_sent_and_the_number_may_come_as_text()
    {
        var service = new FakeService().On(V1Paths.RemoteRequest, """{"status":"OK","id":"17","urls":{},"headers":[]}""");
        using var client = service.Client();

        var made = await client.AddRemoteUploadAsync([Url], 5, new Dictionary<string, string> { ["Referer"] = "https://example.org/\"x" }, TestContext.Current.CancellationToken);

        Assert.Equal(17, made.Id);
        Assert.Equal("""{"urls":["https://example.org/a"],"folder_id":5,"headers":{"Referer":"https://example.org/\u0022x"}}""", service.Last(V1Paths.RemoteRequest).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1970-01-01 01:00:00")]
    public async Task Pending_has_no_date_or_one_of_1970(string date)
    {
        var service = new FakeService()
            .On(V1Paths.RemoteLs, $$"""{"status":"OK","data":[{"id":1,"request_date":"2026-06-01 14:00:00","execution_date":"{{date}}"},{"id":"2","execution_date":"2026-06-01 15:00:00"}]}""")
            .On(V1Paths.RemoteInfo, $$"""{"id":1,"request_date":"","execution_date":"{{date}}","links":["{{Url}}"],"result":null}""");
        using var client = service.Client();

        var listed = await client.ListRemoteUploadsAsync(TestContext.Current.CancellationToken);
        Assert.Equal([(2L, true), (1L, false)], listed.Select(request => (request.Id, request.FinishedAt is not null)));
        var item = Assert.Single((await client.GetRemoteUploadAsync(1, TestContext.Current.CancellationToken)).Items);
        Assert.Equal((Url, RemoteUploadState.Waiting, null), (item.Url, item.State, item.Link));
    }

    [Fact]
    public async Task Each_url_finds_its_result_also_where_some_are_missing_or_tagged()
    {
        var service = new FakeService().On(V1Paths.RemoteInfo, """
            {"id":1,"execution_date":"2026-06-01 15:00:00","links":["https://example.org/a","https://example.org/b","https://example.org/c"],
             "result":[{"status":"KO","url":"[x] https://example.org/c","message":"404"},{"status":"OK","url":"https://example.org/b","download_link":"https://1fichier.com/?abcdefghij","message":"1 s"}]}
            """);
        using var client = service.Client();

        var items = (await client.GetRemoteUploadAsync(1, TestContext.Current.CancellationToken)).Items;

        Assert.Equal([RemoteUploadState.Failed, RemoteUploadState.Done, RemoteUploadState.Failed], items.Select(item => item.State));
        Assert.Equal("404", items[2].Message);
        Assert.Equal("https://1fichier.com/?abcdefghij", items[1].Link);
    }

    [Fact]
    public async Task A_request_whose_answer_was_lost_is_looked_for_and_not_made_again()
    {
        var service = new FakeService()
            .On(V1Paths.RemoteRequest, _ => throw new HttpRequestException("cut"))
            .On(V1Paths.RemoteLs, """{"status":"OK","data":[{"id":8,"request_date":"2026-06-01 14:00:01","execution_date":""},{"id":7,"request_date":"2026-05-01 14:00:01","execution_date":""}]}""")
            .On(V1Paths.RemoteInfo, $$"""{"id":8,"execution_date":"","links":["{{Url}}"],"result":[]}""");
        using var client = service.Client();

        Assert.Equal(8, (await client.AddRemoteUploadAsync([Url], cancellationToken: TestContext.Current.CancellationToken)).Id);
        Assert.Single(service.All(V1Paths.RemoteRequest));

        var lost = await Assert.ThrowsAsync<CoffreException>(() => client.AddRemoteUploadAsync([Url + "2"], cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(CoffreError.Network, lost.Error);
        Assert.Equal(2, service.All(V1Paths.RemoteRequest).Count);
    }

    [Fact]
    public async Task Nothing_or_too_much_is_refused_before_a_call()
    {
        using var client = new FakeService().Client();
        await Assert.ThrowsAsync<ArgumentException>(() => client.AddRemoteUploadAsync([], cancellationToken: TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentException>(() => client.AddRemoteUploadAsync([.. Enumerable.Repeat(Url, 101)], cancellationToken: TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.GetRemoteUploadAsync(0, TestContext.Current.CancellationToken));
    }
}
