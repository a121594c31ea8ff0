using System.Net;
using System.Net.Http.Headers;
using Coffre.Client;
using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Coffre.Tests.Client;

public sealed class RefusalTests
{
    private readonly FakeService _service = new();

    [Theory]
    [InlineData(200, "Not authenticated #247", CoffreError.NotAuthenticated)]
    [InlineData(401, "Not authenticated #247", CoffreError.NotAuthenticated)]
    [InlineData(403, "No such user #93", CoffreError.NotAuthenticated)]
    [InlineData(200, "Must be a customer (Premium, Access) #236", CoffreError.MustBeCustomer)]
    [InlineData(404, "Resource not found #469", CoffreError.NotFound)]
    [InlineData(200, "Resource not found #470", CoffreError.NotFound)]
    [InlineData(403, "Password not provided. Resource not allowed #631", CoffreError.PasswordMissing)]
    [InlineData(403, "Invalid password. Resource not allowed #631", CoffreError.PasswordWrong)]
    [InlineData(403, "Resource not allowed #631", CoffreError.Forbidden)]
    [InlineData(403, "Owner locked #649", CoffreError.OwnerLocked)]
    [InlineData(403, "IP Locked #777", CoffreError.Locked)]
    [InlineData(403, "something nobody wrote down #186", CoffreError.Locked)]
    [InlineData(403, "something new #555", CoffreError.Forbidden)]
    [InlineData(200, "something new #555", CoffreError.Refused)]
    [InlineData(200, "No file has been renamed #312", CoffreError.Conflict)]
    [InlineData(507, "Quota exceeded #9041", CoffreError.QuotaExceeded)]
    [InlineData(413, "whatever", CoffreError.TooLarge)]
    [InlineData(409, "whatever", CoffreError.Conflict)]
    [InlineData(403, "You are on professional equipment, must have CDN credits #1", CoffreError.CdnRequired)]
    public async Task A_refusal_is_told_by_its_text_whatever_the_status(int status, string message, CoffreError error)
    {
        _service.On(V1Paths.FileInfo, $$"""{"status":"KO","message":"{{message}}"}""", (HttpStatusCode)status);

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => _service.Client().GetFileAsync("https://x.example/?abcdefghij"));

        Assert.Equal(error, trouble.Error);
        Assert.Equal(message, trouble.Message);
        Assert.Equal((HttpStatusCode)status, trouble.Status);
        Assert.Equal(KoCatalogue.NumberOf(message), trouble.Ko);
        Assert.Single(_service.Asked);
    }

    [Fact]
    public async Task Every_refusal_of_our_server_has_a_kind_of_its_own_meaning()
    {
        foreach (var (code, entry) in KoCatalogue.All)
        {
            var service = new FakeService();
            service.On(V1Paths.FolderRm, $$"""{"status":"KO","message":"{{entry.Message()}}"}""", (HttpStatusCode)entry.HttpStatus);

            var trouble = await Assert.ThrowsAsync<CoffreException>(
                () => service.Client(change: options => options with { Retries = 0, FloodPatience = TimeSpan.Zero }).DeleteFolderAsync(1));

            Assert.NotEqual(CoffreError.Refused, trouble.Error);
            Assert.NotEqual(CoffreError.UnexpectedAnswer, trouble.Error);
            Assert.True(trouble.Error != CoffreError.BadRequest || entry.HttpStatus is 400 or 405 or 431, $"{code} is told as a bad request");
        }
    }

    [Fact]
    public async Task A_flood_lock_is_waited_out_and_not_knocked_at()
    {
        _service.On(V1Paths.FolderLs, """{"status":"KO","message":"Flood detected: IP Locked #412"}""", HttpStatusCode.Forbidden)
            .On(V1Paths.FolderLs, """{"status":"OK","sub_folders":[],"items":[]}""");

        await _service.Client().ListFolderAsync();

        Assert.Equal(2, _service.Asked.Count);
        Assert.Equal([TimeSpan.FromSeconds(30)], _service.Clock.Waits);
        Assert.Contains("30 s", Assert.Single(_service.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flood_lock_that_stays_ends_the_call_when_patience_is_out()
    {
        _service.On(V1Paths.FolderLs, """{"status":"KO","message":"Flood detected: User Locked #218"}""");

        var trouble = await Assert.ThrowsAsync<CoffreException>(
            () => _service.Client(change: options => options with { FloodPatience = TimeSpan.FromSeconds(90) }).ListFolderAsync());

        Assert.Equal(CoffreError.Flooded, trouble.Error);
        Assert.True(trouble.IsTransient);
        Assert.Equal(4, _service.Asked.Count);
    }

    [Fact]
    public async Task What_the_service_asks_to_wait_is_waited()
    {
        _service.On(V1Paths.FolderLs, _ =>
            {
                var answer = FakeService.Json("""{"status":"KO","message":"Too many requests #9051"}""", HttpStatusCode.TooManyRequests);
                answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7));
                return answer;
            })
            .On(V1Paths.FolderLs, """{"status":"OK","sub_folders":[],"items":[]}""");

        await _service.Client().ListFolderAsync();

        Assert.Equal([TimeSpan.FromSeconds(7)], _service.Clock.Waits);
    }

    [Fact]
    public async Task A_broken_service_is_asked_again_a_few_times()
    {
        _service.On(V1Paths.FolderLs, _ => FakeService.Html("<title>502 Bad Gateway</title>", HttpStatusCode.BadGateway));

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => _service.Client(change: options => options with { Retries = 2 }).ListFolderAsync());

        Assert.Equal(CoffreError.Unavailable, trouble.Error);
        Assert.Equal("502 Bad Gateway", trouble.Message);
        Assert.Equal(3, _service.Asked.Count);
    }

    [Fact]
    public async Task What_may_have_worked_unseen_is_not_done_twice()
    {
        _service.On(V1Paths.FileCp, _ => throw new HttpRequestException("connection reset"));

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => _service.Client().CopyFilesAsync(["https://x.example/?abcdefghij"], 0));

        Assert.Equal(CoffreError.Network, trouble.Error);
        Assert.Single(_service.Asked);
    }

    [Fact]
    public async Task A_page_for_people_is_told_as_such()
    {
        _service.On(V1Paths.FolderLs, _ => FakeService.Html("""<html><div class="bloc2"> </div><div class="bloc2">Acc&egrave;s <b>interdit</b></div></html>"""));

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => _service.Client().ListFolderAsync());

        Assert.Equal("The service answered with a page instead of JSON: Accès interdit", trouble.Message);
    }

    [Fact]
    public async Task The_service_own_name_of_the_request_is_passed_on()
    {
        _service.On(V1Paths.FolderRm, _ =>
        {
            var answer = FakeService.Json("""{"status":"KO","message":"Folder not empty #9022"}""", HttpStatusCode.Conflict);
            answer.Headers.Add("X-Request-Id", "01ab");
            return answer;
        });

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => _service.Client().DeleteFolderAsync(3));

        Assert.Equal(("01ab", "conflict", 9022), (trouble.RequestId, trouble.Code, trouble.Ko));
        Assert.NotNull(trouble.Advice);
    }
}
