using System.Net;
using System.Text.Json;

namespace Coffre.Tests.Serving;

public sealed class FileCallsTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private string _other = "";

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _other = await _server.AddAccountAsync("other@example.org", 1_000_000);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_listed_file_has_the_fields_and_types_that_strict_clients_decode()
    {
        var uploaded = await _server.UploadAsync("t\u00e9st.txt", [1, 2, 3]);
        var answer = await _server.CallAsync("file/ls.cgi", "{}");
        answer.IsOk();
        Assert.Equal("application/json; charset=utf-8", answer.ContentHeaders.ContentType!.ToString());
        Assert.Equal(1, answer.Json.GetProperty("count").GetInt32());
        var item = answer.Json.GetProperty("items")[0];
        Assert.Equal(uploaded.GetProperty("download").GetString(), item.GetProperty("url").GetString());
        Assert.Equal("t\u00e9st.txt", item.GetProperty("filename").GetString());
        Assert.Equal(3, item.GetProperty("size").GetInt64());
        Assert.Equal("2026-06-01 14:00:00", item.GetProperty("date").GetString());
        Assert.Equal(uploaded.GetProperty("whirlpool").GetString(), item.GetProperty("checksum").GetString());
        Assert.Equal("text/plain", item.GetProperty("content-type").GetString());
        Assert.All(["pass", "acl", "cdn"], name => Assert.Equal(0, item.GetProperty(name).GetInt32()));
    }

    [Fact]
    public async Task Minus_one_lists_the_whole_account_and_dates_cut_a_window()
    {
        await _server.UploadAsync("first", [1]);
        _server.Clock.Advance(TimeSpan.FromHours(1));
        await _server.UploadAsync("second", [1], await _server.MakeFolderAsync("folder"));
        _server.Clock.Advance(TimeSpan.FromHours(1));
        await _server.UploadAsync("third", [1]);
        await _server.UploadAsync("foreign", [1], key: _other);

        Assert.Equal(["first", "second", "third"], await _server.ListNamesAsync(-1));
        Assert.Equal(["second"], await WindowAsync("""{"folder_id":-1,"sent_after":"2026-06-01 14:00:00","sent_before":"2026-06-01 16:00:00"}"""));
        Assert.Equal(["third"], await WindowAsync("""{"sent_after":"2026-06-01 14:30:00"}"""));
        (await _server.CallAsync("file/ls.cgi", """{"sent_after":"yesterday"}""")).IsKo(HttpStatusCode.BadRequest, 9014);
    }

    [Fact]
    public async Task Thousands_of_files_are_listed_whole_and_pretty_is_indented()
    {
        for (var batch = 0; batch < 6; batch++)
        {
            var id = await _server.OpenUploadAsync();
            var files = Enumerable.Range(0, 500).Select(i => ($"f{batch}-{i:000}", new byte[] { 1 })).ToArray();
            Assert.Equal(HttpStatusCode.Found, (await _server.PostUploadAsync(id, TestServer.Form(0, files))).Status);
        }

        var answer = await _server.CallAsync("file/ls.cgi", """{"pretty":1}""");
        Assert.Equal(3000, answer.Json.GetProperty("count").GetInt32());
        Assert.Equal(3000, answer.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("filename").GetString()).Distinct().Count());
        Assert.StartsWith("{\n  \"status\"", answer.Text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Info_of_an_own_file_tells_where_it_lies_and_of_anothers_does_not()
    {
        var folder = await _server.MakeFolderAsync("b", await _server.MakeFolderAsync("a"));
        var link = await UploadAsync("f.bin", folder);
        var own = (await InfoAsync(link)).Json;
        Assert.False(own.TryGetProperty("status", out _));
        Assert.Equal(folder, own.GetProperty("folder_id").GetInt64());
        Assert.Equal("a/b", own.GetProperty("path").GetString());
        Assert.Equal(0, own.GetProperty("no_ssl").GetInt32());
        Assert.False(own.TryGetProperty("acl", out _));

        var foreign = (await InfoAsync(link, _other)).Json;
        Assert.Equal("f.bin", foreign.GetProperty("filename").GetString());
        Assert.Equal(0, foreign.GetProperty("acl").GetInt32());
        Assert.All(["folder_id", "path", "no_ssl"], name => Assert.False(foreign.TryGetProperty(name, out _)));
    }

    [Fact]
    public async Task A_file_is_named_by_link_in_any_form_or_by_folder_and_name()
    {
        var folder = await _server.MakeFolderAsync("a");
        var link = await UploadAsync("F.bin", folder);
        var id = link[^20..];
        foreach (var form in new[] { link, $"https://1fichier.com/?{id}", $"https://alterupload.com/?{id}&lg=en", $"{link}&af=3186111", id })
        {
            Assert.Equal("F.bin", (await InfoAsync(form)).Json.GetProperty("filename").GetString());
        }

        Assert.Equal(HttpStatusCode.OK, (await _server.CallAsync("file/info.cgi", $$"""{"folder_id":{{folder}},"filename":"F.bin"}""")).Status);
        (await _server.CallAsync("file/info.cgi", $$"""{"folder_id":{{folder}},"filename":"f.bin"}""")).IsKo(HttpStatusCode.NotFound, 469);
        (await _server.CallAsync("file/info.cgi", "{}")).IsKo(HttpStatusCode.BadRequest, 9013);
        (await InfoAsync("https://1fichier.com/?aaaaaaaaaaaaaaaaaaaa")).IsKo(HttpStatusCode.NotFound, 469);
    }

    [Fact]
    public async Task Removing_passes_over_what_is_gone_and_never_touches_anothers_files()
    {
        var (a, b) = (await UploadAsync("a"), await UploadAsync("b"));
        var removed = await RemoveAsync([a, "https://x/?aaaaaaaaaaaaaaaaaaaa"]);
        removed.IsOk();
        Assert.Equal(1, removed.Json.GetProperty("removed").GetInt32());
        Assert.Equal(a, removed.Json.GetProperty("urls")[0].GetString());
        (await RemoveAsync([a])).IsKo(HttpStatusCode.NotFound, 469);
        (await RemoveAsync([b], _other)).IsKo(HttpStatusCode.NotFound, 469);
        (await RemoveAsync([])).IsKo(HttpStatusCode.BadRequest, 9013);
        Assert.Equal(["b"], await _server.ListNamesAsync());
    }

    [Fact]
    public async Task Moving_is_all_or_none_and_keeps_the_link()
    {
        var folder = await _server.MakeFolderAsync("to");
        var (a, b) = (await UploadAsync("a"), await UploadAsync("b"));
        await UploadAsync("b", folder);
        (await MoveAsync([a, b], folder)).IsKo(HttpStatusCode.Conflict, 9021);
        Assert.Equal(["a", "b"], await _server.ListNamesAsync());

        var moved = await MoveAsync([a], folder, "c");
        moved.IsOk();
        Assert.Equal("c", moved.Json.GetProperty("filename").GetString());
        Assert.Equal(["b", "c"], await _server.ListNamesAsync(folder));
        Assert.Equal([1], await _server.DownloadAsync(a));
        (await MoveAsync([a], 999)).IsKo(HttpStatusCode.NotFound, 9020);
        (await MoveAsync([b], folder, key: _other)).IsKo(HttpStatusCode.NotFound, 9020);
        (await MoveAsync([b], 0, key: _other)).IsKo(HttpStatusCode.NotFound, 469);
        (await MoveAsync([a, b], folder, "x")).IsKo(HttpStatusCode.BadRequest, 9014);
        (await _server.CallAsync("file/mv.cgi", $$"""{"urls":["{{a}}"]}""")).IsKo(HttpStatusCode.BadRequest, 9013);
    }

    [Fact]
    public async Task Moving_within_a_folder_renames_and_the_same_name_is_no_error()
    {
        var a = await UploadAsync("a");
        await UploadAsync("b");
        Assert.Equal("c", (await MoveAsync([a], 0, "c")).Json.GetProperty("filename").GetString());
        (await MoveAsync([a], 0, "c")).IsOk();
        (await MoveAsync([a], 0)).IsOk();
        (await MoveAsync([a], 0, "b")).IsKo(HttpStatusCode.Conflict, 9021);
        Assert.Equal(["b", "c"], await _server.ListNamesAsync());
    }

    [Fact]
    public async Task Renaming_tells_old_and_new_and_the_same_name_is_nothing()
    {
        var (a, b) = (await UploadAsync("a"), await UploadAsync("b"));
        var renamed = await RenameAsync(a, "a2");
        renamed.IsOk();
        Assert.Equal(1, renamed.Json.GetProperty("renamed").GetInt32());
        var entry = renamed.Json.GetProperty("urls")[0];
        Assert.Equal(a, entry.GetProperty("url").GetString());
        Assert.Equal("a", entry.GetProperty("old_filename").GetString());
        Assert.Equal("a2", entry.GetProperty("new_filename").GetString());
        (await RenameAsync(a, "a2")).IsKo(HttpStatusCode.Conflict, 312);
        (await RenameAsync(b, "a2")).IsKo(HttpStatusCode.Conflict, 9021);
        (await RenameAsync(b, "b\"")).IsKo(HttpStatusCode.BadRequest, 9015);
        (await RenameAsync(b, "z", _other)).IsKo(HttpStatusCode.NotFound, 469);
        Assert.Equal(["a2", "b"], await _server.ListNamesAsync());
    }

    [Theory]
    [InlineData("folder_id")]
    [InlineData("destination_folder_id")]
    public async Task A_copy_has_a_link_of_its_own_on_the_same_bytes(string field)
    {
        var folder = await _server.MakeFolderAsync("to");
        var source = await UploadAsync("a");
        var copied = await _server.CallAsync("file/cp.cgi", $$"""{"urls":["{{source}}"],"{{field}}":{{folder}},"rename":"copy"}""");
        copied.IsOk();
        var target = copied.Json.GetProperty("urls")[0].GetProperty("to_url").GetString()!;
        Assert.NotEqual(source, target);
        Assert.Single(_server.StoredFiles());

        (await RemoveAsync([source])).IsOk();
        await _server.SweepAsync();
        Assert.Equal([1], await _server.DownloadAsync(target));
        (await RemoveAsync([target])).IsOk();
        await _server.SweepAsync();
        Assert.Empty(_server.StoredFiles());
    }

    [Fact]
    public async Task A_copy_of_anothers_file_outlives_the_original()
    {
        var source = await UploadAsync("a");
        var copied = await _server.CallAsync("file/cp.cgi", $$"""{"urls":["{{source}}"]}""", _other);
        copied.IsOk();
        (await RemoveAsync([source])).IsOk();
        await _server.SweepAsync();
        Assert.Equal([1], await _server.DownloadAsync(copied.Json.GetProperty("urls")[0].GetProperty("to_url").GetString()!, _other));
        Assert.Equal(1, (await _server.CallAsync("user/info.cgi", "", _other)).Json.GetProperty("cold_storage").GetInt64());
        Assert.Equal(0, (await _server.CallAsync("user/info.cgi", "")).Json.GetProperty("cold_storage").GetInt64());
    }

    private async Task<string> UploadAsync(string name, long folder = 0) =>
        (await _server.UploadAsync(name, [1], folder)).GetProperty("download").GetString()!;

    private Task<Answer> InfoAsync(string url, string? key = null) => _server.CallAsync("file/info.cgi", JsonSerializer.Serialize(new { url }), key);

    private Task<Answer> RemoveAsync(string[] urls, string? key = null) =>
        _server.CallAsync("file/rm.cgi", JsonSerializer.Serialize(new { files = urls.Select(url => new { url }) }), key);

    private Task<Answer> MoveAsync(string[] urls, long folder, string? rename = null, string? key = null) =>
        _server.CallAsync("file/mv.cgi", JsonSerializer.Serialize(new { urls, destination_folder_id = folder, rename }), key);

    private Task<Answer> RenameAsync(string url, string filename, string? key = null) =>
        _server.CallAsync("file/rename.cgi", JsonSerializer.Serialize(new { urls = new[] { new { url, filename } }, pretty = 0 }), key);

    private async Task<IEnumerable<string?>> WindowAsync(string json) =>
        (await _server.CallAsync("file/ls.cgi", json)).Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("filename").GetString());
}
