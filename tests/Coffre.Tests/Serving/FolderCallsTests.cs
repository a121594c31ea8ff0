using System.Net;
using System.Text.Json;
using Coffre.Protocol;

namespace Coffre.Tests.Serving;

public sealed class FolderCallsTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_listing_shows_the_folder_its_children_and_its_own_files_only()
    {
        var outer = await _server.MakeFolderAsync("outer");
        var inner = await _server.MakeFolderAsync("inner", outer);
        await _server.UploadAsync("a", new byte[10], outer);
        await _server.UploadAsync("b", new byte[5], outer);
        await _server.UploadAsync("deep", new byte[100], inner);

        var listing = (await ListAsync(outer)).Json;
        Assert.Equal("OK", listing.GetProperty("status").GetString());
        Assert.Equal(outer, listing.GetProperty("folder_id").GetInt64());
        Assert.Equal("outer", listing.GetProperty("name").GetString());
        Assert.Equal("2026-06-01 14:00:00", listing.GetProperty("create_date").GetString());
        Assert.Equal(2, listing.GetProperty("files").GetInt32());
        Assert.Equal(15, listing.GetProperty("size").GetInt64());
        var child = listing.GetProperty("sub_folders")[0];
        Assert.Equal(inner, child.GetProperty("id").GetInt64());
        Assert.Equal("inner", child.GetProperty("name").GetString());
        Assert.Equal(0, child.GetProperty("pass").GetInt32());
        Assert.False(listing.TryGetProperty("items", out _));

        var withFiles = (await _server.CallAsync("folder/ls.cgi", $$"""{"folder_id":{{outer}},"files":1}""")).Json;
        Assert.Equal(["a", "b"], withFiles.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("filename").GetString()));
    }

    [Fact]
    public async Task The_root_is_the_default_and_ids_may_come_as_text()
    {
        var id = await _server.MakeFolderAsync("one");
        Assert.Equal(0, (await _server.CallAsync("folder/ls.cgi", "{}")).Json.GetProperty("folder_id").GetInt64());
        Assert.Equal("one", (await _server.CallAsync("folder/ls.cgi", $$"""{"folder_id":"{{id}}"}""")).Json.GetProperty("name").GetString());
        Assert.True(id < 1L << 53);
    }

    [Fact]
    public async Task An_unknown_folder_is_a_404_in_every_call_that_takes_one()
    {
        (await ListAsync(77)).IsKo(HttpStatusCode.NotFound, 9020);
        (await _server.CallAsync("file/ls.cgi", """{"folder_id":77}""")).IsKo(HttpStatusCode.NotFound, 9020);
        (await _server.CallAsync("folder/mkdir.cgi", """{"name":"x","folder_id":77}""")).IsKo(HttpStatusCode.NotFound, 9020);
        (await _server.CallAsync("folder/rm.cgi", """{"folder_id":77}""")).IsKo(HttpStatusCode.NotFound, 9020);
        (await _server.CallAsync("folder/mv.cgi", """{"folder_id":77,"rename":"x"}""")).IsKo(HttpStatusCode.NotFound, 9020);
    }

    [Fact]
    public async Task Folders_of_one_account_do_not_exist_for_another()
    {
        var id = await _server.MakeFolderAsync("mine");
        var other = await _server.AddAccountAsync("other@example.org", 1000);
        (await _server.CallAsync("folder/ls.cgi", $$"""{"folder_id":{{id}}}""", other)).IsKo(HttpStatusCode.NotFound, 9020);
        (await _server.CallAsync("folder/rm.cgi", $$"""{"folder_id":{{id}}}""", other)).IsKo(HttpStatusCode.NotFound, 9020);
        (await _server.CallAsync("folder/mv.cgi", $$"""{"folder_id":{{id}},"rename":"x"}""", other)).IsKo(HttpStatusCode.NotFound, 9020);
    }

    [Fact]
    public async Task Making_a_folder_that_is_there_finds_it_even_in_a_race()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _server.MakeFolderAsync("same")));
        Assert.Single(ids.Distinct());
        var again = await _server.CallAsync("folder/mkdir.cgi", """{"name":"same"}""");
        again.IsOk();
        Assert.NotNull(again.Message);
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("'")]
    [InlineData("`")]
    [InlineData("\\")]
    [InlineData("<")]
    [InlineData(">")]
    [InlineData("$")]
    [InlineData("/")]
    [InlineData("\t")]
    [InlineData("\u007f")]
    public async Task A_reserved_character_is_refused_by_name(string character)
    {
        var refused = await _server.CallAsync("folder/mkdir.cgi", JsonSerializer.Serialize(new { name = $"a{character}b" }));
        refused.IsKo(HttpStatusCode.BadRequest, 9015);
        Assert.Contains(char.IsControl(character[0]) ? "U+00" : character, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(" a")]
    [InlineData("a ")]
    public async Task Names_that_are_none_are_refused(string name) =>
        (await _server.CallAsync("folder/mkdir.cgi", JsonSerializer.Serialize(new { name }))).IsKo(HttpStatusCode.BadRequest, 9015);

    [Fact]
    public async Task A_name_has_at_most_250_characters()
    {
        await _server.MakeFolderAsync(new string('n', Names.MaxLength));
        (await _server.CallAsync("folder/mkdir.cgi", JsonSerializer.Serialize(new { name = new string('n', Names.MaxLength + 1) })))
            .IsKo(HttpStatusCode.BadRequest, 9015);
    }

    [Fact]
    public async Task A_folder_moves_and_is_renamed_in_one_call()
    {
        var (from, to) = (await _server.MakeFolderAsync("from"), await _server.MakeFolderAsync("to"));
        var id = await _server.MakeFolderAsync("old", from);
        var moved = await _server.CallAsync("folder/mv.cgi", $$"""{"folder_id":{{id}},"destination_folder_id":{{to}},"destination_user":"","rename":"new"}""");
        moved.IsOk();
        Assert.Equal("old", moved.Json.GetProperty("old_name").GetString());
        Assert.Equal("new", moved.Json.GetProperty("new_name").GetString());
        Assert.Equal(["new"], await NamesAsync(to));
        Assert.Empty(await NamesAsync(from));
    }

    [Fact]
    public async Task A_missing_destination_beside_a_destination_user_means_the_root()
    {
        var id = await _server.MakeFolderAsync("deep", await _server.MakeFolderAsync("outer"));
        (await _server.CallAsync("folder/mv.cgi", $$"""{"folder_id":{{id}},"destination_user":"","rename":"up"}""")).IsOk();
        Assert.Equal(["outer", "up"], await NamesAsync(0));
        (await _server.CallAsync("folder/mv.cgi", $$"""{"folder_id":{{id}},"rename":"stays"}""")).IsOk();
        (await _server.CallAsync("folder/mv.cgi", $$"""{"folder_id":{{id}}}""")).IsKo(HttpStatusCode.BadRequest, 9013);
    }

    [Fact]
    public async Task A_folder_moves_neither_into_itself_nor_onto_a_name_that_is_taken()
    {
        var a = await _server.MakeFolderAsync("a");
        var b = await _server.MakeFolderAsync("b", a);
        await _server.MakeFolderAsync("b");
        (await _server.CallAsync("folder/mv.cgi", $$"""{"folder_id":{{a}},"destination_folder_id":{{b}}}""")).IsKo(HttpStatusCode.Conflict, 9023);
        (await _server.CallAsync("folder/mv.cgi", $$"""{"folder_id":{{a}},"destination_folder_id":{{a}}}""")).IsKo(HttpStatusCode.Conflict, 9023);
        (await _server.CallAsync("folder/mv.cgi", $$"""{"folder_id":{{b}},"destination_folder_id":0}""")).IsKo(HttpStatusCode.Conflict, 9021);
        (await _server.CallAsync("folder/mv.cgi", """{"folder_id":0,"rename":"root"}""")).IsKo(HttpStatusCode.Forbidden, 631);
    }

    [Fact]
    public async Task Two_moves_that_would_make_a_ring_do_not_both_succeed()
    {
        for (var round = 0; round < 10; round++)
        {
            var (a, b) = (await _server.MakeFolderAsync($"a{round}"), await _server.MakeFolderAsync($"b{round}"));
            var answers = await Task.WhenAll(
                _server.CallAsync("folder/mv.cgi", $$"""{"folder_id":{{a}},"destination_folder_id":{{b}}}"""),
                _server.CallAsync("folder/mv.cgi", $$"""{"folder_id":{{b}},"destination_folder_id":{{a}}}"""));
            Assert.Equal(1, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        }
    }

    [Fact]
    public async Task Only_an_empty_folder_is_removed()
    {
        var outer = await _server.MakeFolderAsync("outer");
        var inner = await _server.MakeFolderAsync("inner", outer);
        (await RemoveAsync(outer)).IsKo(HttpStatusCode.Conflict, 9022);
        var link = (await _server.UploadAsync("f", [1], inner)).GetProperty("download").GetString();
        (await RemoveAsync(inner)).IsKo(HttpStatusCode.Conflict, 9022);
        (await _server.CallAsync("file/rm.cgi", $$"""{"files":[{"url":"{{link}}"}]}""")).IsOk();
        (await RemoveAsync(inner)).IsOk();
        (await RemoveAsync(outer)).IsOk();
        (await RemoveAsync(0)).IsKo(HttpStatusCode.Forbidden, 631);
        Assert.Empty(await NamesAsync(0));
    }

    [Fact]
    public async Task Folders_nest_only_so_deep()
    {
        await using var shallow = await TestServer.StartAsync(("Limits:FolderDepth", "3"));
        var a = await shallow.MakeFolderAsync("a");
        var b = await shallow.MakeFolderAsync("b", a);
        var c = await shallow.MakeFolderAsync("c", b);
        (await shallow.CallAsync("folder/mkdir.cgi", $$"""{"name":"d","folder_id":{{c}}}""")).IsKo(HttpStatusCode.Conflict, 9024);
        var other = await shallow.MakeFolderAsync("other");
        (await shallow.CallAsync("folder/mv.cgi", $$"""{"folder_id":{{a}},"destination_folder_id":{{other}}}""")).IsKo(HttpStatusCode.Conflict, 9024);
    }

    private Task<Answer> ListAsync(long id) => _server.CallAsync("folder/ls.cgi", $$"""{"folder_id":{{id}}}""");

    private Task<Answer> RemoveAsync(long id) => _server.CallAsync("folder/rm.cgi", $$"""{"folder_id":{{id}}}""");

    private async Task<IEnumerable<string?>> NamesAsync(long id) =>
        (await ListAsync(id)).Json.GetProperty("sub_folders").EnumerateArray().Select(folder => folder.GetProperty("name").GetString());
}
