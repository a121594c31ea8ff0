using System.Net;
using System.Text.Json;

namespace Coffre.Tests.Serving;

public sealed class AccountCallsTests : IAsyncLifetime
{
    private static readonly string[] Texts =
    [
        "offer", "stats_date", "mail_rm", "upload_forbidden", "use_cdn", "default_port", "email", "download_menu", "default_port_files",
        "ftp_report", "cdn", "subscription_end", "2fa", "ftp_mode", "ru_report",
    ];

    private static readonly string[] Numbers =
    [
        "default_quota", "page_limit", "cold_storage", "available_cold_storage", "default_domain", "ftp_did", "overquota",
        "available_storage", "allowed_cold_storage", "hot_storage", "default_cold_storage_quota",
    ];

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Every_field_has_the_type_that_a_strict_decoder_takes()
    {
        var info = (await _server.CallAsync("user/info.cgi", "")).Json;
        Assert.All(Texts, name => Assert.Equal(JsonValueKind.String, info.GetProperty(name).ValueKind));
        Assert.All(Numbers, name => Assert.Equal(JsonValueKind.Number, info.GetProperty(name).ValueKind));
        Assert.Equal("1", info.GetProperty("offer").GetString());
        Assert.Equal(200, info.GetProperty("page_limit").GetInt32());
        Assert.Equal("2026-06-01 14:00:00", info.GetProperty("stats_date").GetString());
    }

    [Fact]
    public async Task Used_total_and_left_add_up()
    {
        var key = await _server.AddAccountAsync("a@example.org", 1000);
        await _server.UploadAsync("f", new byte[400], key: key);
        var info = (await _server.CallAsync("user/info.cgi", "{}", key)).Json;
        Assert.Equal(400, info.GetProperty("cold_storage").GetInt64());
        Assert.Equal(1000, info.GetProperty("available_cold_storage").GetInt64());
        Assert.Equal(600, info.GetProperty("available_storage").GetInt64());
        Assert.Equal("0", info.GetProperty("upload_forbidden").GetString());
    }

    [Fact]
    public async Task A_setting_in_the_body_changes_it_and_only_it()
    {
        var folder = await _server.MakeFolderAsync("ftp");
        var changed = (await _server.CallAsync("user/info.cgi", $$"""{"page_limit":50,"ftp_did":{{folder}},"ru_report":"1"}""")).Json;
        Assert.Equal(50, changed.GetProperty("page_limit").GetInt32());
        var again = (await _server.CallAsync("user/info.cgi", "")).Json;
        Assert.Equal(50, again.GetProperty("page_limit").GetInt32());
        Assert.Equal(folder, again.GetProperty("ftp_did").GetInt64());
        Assert.Equal("1", again.GetProperty("ru_report").GetString());
        Assert.Equal("0", again.GetProperty("ftp_report").GetString());
    }

    [Theory]
    [InlineData("""{"ftp_mode":2}""", 9014, HttpStatusCode.BadRequest)]
    [InlineData("""{"page_limit":-1}""", 9014, HttpStatusCode.BadRequest)]
    [InlineData("""{"default_domain":11}""", 9014, HttpStatusCode.BadRequest)]
    [InlineData("""{"ftp_did":12345}""", 9020, HttpStatusCode.NotFound)]
    public async Task A_setting_out_of_its_range_changes_nothing(string body, int number, HttpStatusCode status)
    {
        (await _server.CallAsync("user/info.cgi", body)).IsKo(status, number);
        Assert.Equal(200, (await _server.CallAsync("user/info.cgi", "")).Json.GetProperty("page_limit").GetInt32());
    }
}
