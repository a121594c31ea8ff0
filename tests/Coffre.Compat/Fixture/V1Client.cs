using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Coffre.Compat.Fixture;

/// <summary>An answer of the server: HTTP status and body.</summary>
public sealed record Answer(HttpStatusCode Status, string Body)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    // Not the record's own, which would read the body as JSON: an answer may be shown because it is none.
    public override string ToString() => $"{(int)Status}: {Body}";
}

/// <summary>
/// The least that speaks v1, written against the protocol's description and not with the project's own client: so that the two cannot
/// agree on the same mistake.
/// </summary>
public sealed partial class V1Client(Uri address, string? key) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = TimeSpan.FromMinutes(5) };

    public Uri Address => address;

    public static V1Client For(ServerProcess server, string? key = null) => new(server.Address, key ?? server.ApiKey);

    /// <summary>Posts a JSON body to a v1 call, such as <c>file/ls.cgi</c>.</summary>
    public Task<Answer> PostAsync(string call, object body) =>
        PostAsync(call, new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"));

    public async Task<Answer> PostAsync(string call, HttpContent? body) =>
        await SendAsync(new HttpRequestMessage(HttpMethod.Post, new Uri(address, "/v1/" + call)) { Content = body });

    /// <summary>Sends any request, with the key if there is one.</summary>
    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var owned = request;
        using var response = await SendRawAsync(request);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public Task<HttpResponseMessage> SendRawAsync(HttpRequestMessage request)
    {
        if (key is not null && request.Headers.Authorization is null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Where the next upload goes: <c>http://node/upload.cgi?id=...</c></summary>
    public async Task<Uri> UploadAddressAsync()
    {
        var answer = await PostAsync("upload/get_upload_server.cgi", "{}");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
        return new Uri($"http://{answer.Json.GetProperty("url").GetString()}/upload.cgi?id={answer.Json.GetProperty("id").GetString()}");
    }

    /// <summary>Uploads one file and returns its link.</summary>
    public async Task<string> UploadAsync(string name, byte[] content, long folder = 0)
    {
        var to = await UploadAddressAsync();
        var form = new Multipart().Field("did", folder.ToString(CultureInfo.InvariantCulture)).File(name, content);
        var sent = await SendAsync(new HttpRequestMessage(HttpMethod.Post, to) { Content = form.Content() });
        Assert.True(sent.Status == HttpStatusCode.Found, sent.ToString());
        var report = await ReportAsync(to);
        return report.GetProperty("links")[0].GetProperty("download").GetString()!;
    }

    /// <summary>What <c>end.pl</c> says of an upload, as JSON.</summary>
    public async Task<JsonElement> ReportAsync(Uri upload)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(upload, "/end.pl?xid=" + upload.Query[4..]));
        request.Headers.Add("JSON", "1");
        var answer = await SendAsync(request);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
        return answer.Json;
    }

    /// <summary>A download address for a link.</summary>
    public async Task<Uri> TokenAsync(string link)
    {
        var answer = await PostAsync("download/get_token.cgi", new { url = link });
        Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
        return new Uri(answer.Json.GetProperty("url").GetString()!);
    }

    /// <summary>Every byte behind a link.</summary>
    public async Task<byte[]> DownloadAsync(string link) => await _http.GetByteArrayAsync(await TokenAsync(link));

    /// <summary>Names and sizes of one folder's files, sorted.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(long folder = 0)
    {
        var answer = await PostAsync("file/ls.cgi", new { folder_id = folder });
        Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
        return answer.Json.GetProperty("items").EnumerateArray()
            .Select(item => $"{item.GetProperty("filename").GetString()} ({item.GetProperty("size").GetInt64()})")
            .Order(StringComparer.Ordinal)
            .ToList();
    }

    /// <summary>Names and ids of one folder's folders.</summary>
    public async Task<IReadOnlyDictionary<string, long>> FoldersAsync(long folder = 0)
    {
        var answer = await PostAsync("folder/ls.cgi", new { folder_id = folder });
        Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
        return answer.Json.GetProperty("sub_folders").EnumerateArray()
            .ToDictionary(item => item.GetProperty("name").GetString()!, item => item.GetProperty("id").GetInt64(), StringComparer.Ordinal);
    }

    public async Task<long> MakeFolderAsync(string name, long parent = 0)
    {
        var answer = await PostAsync("folder/mkdir.cgi", new { name, folder_id = parent });
        Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
        return answer.Json.GetProperty("folder_id").GetInt64();
    }

    public async Task<JsonElement> InfoAsync(string link)
    {
        var answer = await PostAsync("file/info.cgi", new { url = link });
        Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
        return answer.Json;
    }

    /// <summary>Bytes that the account is charged with.</summary>
    public async Task<long> UsageAsync()
    {
        var answer = await PostAsync("user/info.cgi", "{}");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.ToString());
        return answer.Json.GetProperty("cold_storage").GetInt64() + answer.Json.GetProperty("hot_storage").GetInt64();
    }

    public void Dispose() => _http.Dispose();

    /// <summary>All public links of files in a text.</summary>
    public static IReadOnlyList<string> LinksIn(string text) => LinkForm().Matches(text).Select(match => match.Value).Distinct().ToList();

    [GeneratedRegex("https?://[A-Za-z0-9.:-]+/\\?[a-z0-9]{20}")]
    private static partial Regex LinkForm();
}
