using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Coffre.Protocol.V1;

namespace Coffre.Benchmarks.Peers;

/// <summary>Our server as a process of its own, with its defaults; only the log is quiet and the rate of calls is not limited.</summary>
internal sealed class CoffreServer : IDisposable
{
    private readonly Child _process;
    private readonly HttpClient _http;

    /// <param name="data">Its data folder; empty, or left by an earlier one.</param>
    /// <param name="key">The owner's key, if the data folder is not new.</param>
    /// <param name="more">Further words of its command line; null takes the rate of calls off.</param>
    public CoffreServer(string data, string? key = null, IReadOnlyList<string>? more = null)
    {
        Port = Child.FreePort();
        var program = Path.Combine(AppContext.BaseDirectory, "coffre-server.dll");
        _process = Child.Start(
            "dotnet",
            [program, "serve", "--data", data, "--port", Port.ToString(CultureInfo.InvariantCulture), "--set", "Log:Level=warning",
            .. more ?? ["--set", "Limits:KeyRate=0"]]);
        Key = key ?? ReadKey();
        Child.AwaitPort(Port);
        _http = new HttpClient { BaseAddress = new Uri(Address), Timeout = TimeSpan.FromMinutes(10) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
    }

    public int Port { get; }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}");

    /// <summary>The owner's.</summary>
    public string Key { get; }

    public double Cpu => _process.Cpu;

    public long PeakMemory => _process.PeakMemory;

    /// <summary>Where the next upload goes.</summary>
    public string OpenUpload()
    {
        var ticket = Call(V1Paths.UploadServer, "{}");
        return $"{Address}{V1Paths.Upload}?id={ticket.GetProperty("id").GetString()}";
    }

    /// <summary>Uploads a file by curl; its link.</summary>
    public string Upload(string path)
    {
        var url = OpenUpload();
        Curl.Form(url, Key, path);
        using var request = new HttpRequestMessage(HttpMethod.Get, url.Replace($"{V1Paths.Upload}?id=", $"{V1Paths.UploadEnd}?xid=", StringComparison.Ordinal));
        request.Headers.Add("JSON", "1");
        return Send(request).GetProperty("links")[0].GetProperty("download").GetString()!;
    }

    /// <summary>Uploads bytes without a program of its own for each: asks for an id and sends the form.</summary>
    public void Upload(string name, byte[] bytes)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(bytes), "file[]", name } };
        using var request = new HttpRequestMessage(HttpMethod.Post, OpenUpload()) { Content = form };
        using var response = _http.Send(request);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>The path that the bytes of a link are fetched from.</summary>
    public string TokenPath(string link) =>
        new Uri(Call(V1Paths.DownloadToken, $$"""{"url":"{{link}}"}""").GetProperty("url").GetString()!).PathAndQuery;

    public void Remove(string link) => Call(V1Paths.FileRm, $$"""{"files":[{"url":"{{link}}"}]}""");

    public JsonElement Call(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, new MediaTypeHeaderValue("application/json")),
        };
        return Send(request);
    }

    public void Dispose()
    {
        _http.Dispose();
        _process.Dispose();
    }

    private JsonElement Send(HttpRequestMessage request)
    {
        using var response = _http.Send(request);
        var text = response.Content.ReadAsStringAsync().GetAwaiter().GetResult();
        return response.IsSuccessStatusCode
            ? JsonElement.Parse(text)
            : throw new InvalidOperationException($"{request.RequestUri} answered {(int)response.StatusCode}: {text}");
    }

    private string ReadKey()
    {
        const string mark = "API key (shown once): ";
        while (_process.Output.ReadLine() is { } line)
        {
            if (line.StartsWith(mark, StringComparison.Ordinal))
            {
                return line[mark.Length..].Trim();
            }
        }

        throw new InvalidOperationException("The server ended before it printed its key.");
    }
}
