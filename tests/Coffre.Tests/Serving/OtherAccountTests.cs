using System.Net;

namespace Coffre.Tests.Serving;

/// <summary>Whoever knows ids and links of another's things can do nothing to them, by no call there is.</summary>
public sealed class OtherAccountTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private string _thief = "";
    private string _link = "";
    private long _folder;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(("Ftp:Port", TestPorts.Free().ToString()), ("Ftp:RequireTls", "false"));
        _thief = await _server.AddAccountAsync("thief@example.org", 1 << 20);
        _folder = await _server.MakeFolderAsync("mine");
        _link = (await _server.UploadAsync("secret.txt", [1, 2, 3], _folder)).GetProperty("download").GetString()!;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    public static TheoryData<string, string> Attempts => new()
    {
        { "file/ls.cgi", """{"folder_id":FOLDER}""" },
        { "file/rm.cgi", """{"files":[{"url":"LINK"}]}""" },
        { "file/mv.cgi", """{"urls":["LINK"],"destination_folder_id":0}""" },
        { "file/rename.cgi", """{"urls":[{"url":"LINK","filename":"stolen"}]}""" },
        { "file/chattr.cgi", """{"urls":["LINK"],"pass":"locked out"}""" },
        { "file/info.cgi", """{"folder_id":FOLDER,"filename":"secret.txt"}""" },
        { "file/cp.cgi", """{"urls":["LINK"],"folder_id":FOLDER}""" },
        { "download/get_token.cgi", """{"folder_id":FOLDER,"filename":"secret.txt"}""" },
        { "folder/ls.cgi", """{"folder_id":FOLDER}""" },
        { "folder/mkdir.cgi", """{"name":"foothold","folder_id":FOLDER}""" },
        { "folder/mv.cgi", """{"folder_id":FOLDER,"rename":"stolen"}""" },
        { "folder/mv.cgi", """{"folder_id":FOLDER,"destination_folder_id":0,"destination_user":"thief@example.org"}""" },
        { "folder/rm.cgi", """{"folder_id":FOLDER}""" },
        { "folder/share.cgi", """{"folder_id":FOLDER,"share":1}""" },
        { "folder/share.cgi", """{"folder_id":FOLDER,"shares":[{"email":"thief@example.org","rw":1}]}""" },
        { "remote/request.cgi", """{"urls":["https://example.org/x"],"folder_id":FOLDER}""" },
        { "ftp/users/add.cgi", """{"user":"foothold","pass":"a password","folder_id":FOLDER}""" },
    };

    [Theory]
    [MemberData(nameof(Attempts))]
    public async Task Nothing_of_anothers_is_read_or_changed(string call, string body)
    {
        var before = await TreeAsync();
        var answer = await _server.CallAsync(call, body.Replace("FOLDER", _folder.ToString(), StringComparison.Ordinal).Replace("LINK", _link, StringComparison.Ordinal), _thief);
        Assert.True(answer.Status is HttpStatusCode.NotFound or HttpStatusCode.Forbidden or HttpStatusCode.Conflict, $"{answer.Status}: {answer.Text}");
        Assert.DoesNotContain("secret.txt", answer.Text, StringComparison.Ordinal);
        Assert.Equal(before, await TreeAsync());
        Assert.Equal([1, 2, 3], await _server.DownloadAsync(_link));
    }

    [Fact]
    public async Task Nothing_is_uploaded_into_anothers_folder()
    {
        var before = await TreeAsync();
        var id = await _server.OpenUploadAsync(_thief);
        await _server.PostUploadAsync(id, TestServer.Form(_folder, ("planted", [9])), _thief);
        Assert.Equal(before, await TreeAsync());
    }

    [Fact]
    public async Task An_upload_id_of_anothers_takes_no_files_into_its_account()
    {
        var id = await _server.OpenUploadAsync();
        await _server.PostUploadAsync(id, TestServer.Form(0, ("planted", [9])), _thief);
        Assert.Empty(await _server.ListNamesAsync());
    }

    private async Task<string> TreeAsync() =>
        (await _server.CallAsync("folder/ls.cgi", $$"""{"folder_id":{{_folder}},"files":1}""")).Text + (await _server.CallAsync("folder/ls.cgi", """{"files":1}""")).Text
        + (await _server.CallAsync("ftp/users/ls.cgi", "{}")).Text;
}
