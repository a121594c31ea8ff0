using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Coffre.Server;
using Coffre.Server.Accounts;
using Coffre.Server.Api;
using Coffre.Server.Catalog;
using Coffre.Server.Housekeeping;
using Coffre.Server.Keys;
using Coffre.Server.Settings;
using Coffre.Storage.Local;
using Coffre.Storage.Local.Segments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Coffre.Tests.Serving;

/// <summary>A whole server in this process: real sockets on loopback, real SQLite, a folder of its own, a clock that tests move.</summary>
public sealed class TestServer : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly WebApplication _app;
    private readonly DataFolder _data;
    private readonly bool _keepFolder;

    private TestServer(WebApplication app, DataFolder data, string folder, Uri address, string? key, LogLines log, FakeTimeProvider clock, bool keepFolder)
    {
        (_app, _data, Folder, Address, Log, Clock, _keepFolder) = (app, data, folder, address, log, clock, keepFolder);
        Key = key ?? "";
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = address };
    }

    public string Folder { get; }

    public Uri Address { get; }

    /// <summary>The owner's key; empty if the folder was used before.</summary>
    public string Key { get; }

    /// <summary>Follows no redirect, sends no key by itself.</summary>
    public HttpClient Http { get; }

    public LogLines Log { get; }

    public FakeTimeProvider Clock { get; }

    /// <summary>The pattern of every route that the server answers.</summary>
    internal IReadOnlyList<string> Routes =>
        [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Select(route => "/" + route.RoutePattern.RawText!.TrimStart('/'))];

    /// <summary>Every operation of the native API.</summary>
    internal IReadOnlyList<ApiRoute> Operations =>
        [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).Select(endpoint => endpoint.Metadata.GetMetadata<ApiRoute>()).OfType<ApiRoute>()];

    internal CatalogStore Catalog => _data.Catalog;

    internal T Room<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public static Task<TestServer> StartAsync(params (string Key, string Value)[] settings) => StartAsync(null, settings);

    /// <param name="folder">An existing data folder, which is then kept; null makes one that goes with the server.</param>
    /// <param name="settings">As an operator would write them.</param>
    public static Task<TestServer> StartAsync(string? folder, params (string Key, string Value)[] settings) => StartAsync(folder, null, settings);

    /// <param name="folder">An existing data folder, which is then kept; null makes one that goes with the server.</param>
    /// <param name="replace">Puts something else in the place of a service.</param>
    /// <param name="settings">As an operator would write them.</param>
    public static async Task<TestServer> StartAsync(string? folder, Action<IServiceCollection>? replace, params (string Key, string Value)[] settings)
    {
        var data = folder ?? Directory.CreateTempSubdirectory("coffre-test-").FullName;
        var port = TestPorts.Free();
        var clock = new FakeTimeProvider(Start);
        var loaded = SettingsLoader.Load(data, [new("Listen:Port", port.ToString()), .. settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))]);
        var opened = DataFolder.Open(loaded, clock, mustLock: true);
        var log = new LogLines();
        var app = ServerHost.Build(loaded, opened, clock, logging => logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(log), replace);
        var first = app.Services.GetRequiredService<FirstStart>();
        await first.PrepareAsync(CancellationToken.None);
        await app.StartAsync();
        var key = await first.RunAsync(CancellationToken.None);
        return new TestServer(app, opened, data, new Uri($"http://127.0.0.1:{port}"), key, log, clock, folder is not null);
    }

    /// <summary>Adds an account and returns a key of it.</summary>
    public Task<string> AddAccountAsync(string email, long quotaBytes) =>
        Catalog.WriteAsync(
            session => Room<KeyTable>().Issue(session, Room<AccountTable>().Insert(session, email, Tier.Premium, quotaBytes), new NewKey("test", KeyRights.All)).Secret,
            CancellationToken.None);

    /// <summary>Adds a key to the owner's account.</summary>
    internal async Task<IssuedKey> AddKeyAsync(KeyWish wish)
    {
        var owner = await Catalog.ReadAsync(session => Room<AccountTable>().FindByEmail(session, Account.OwnerEmail)!, CancellationToken.None);
        return (await Room<KeyDesk>().MakeAsync(owner.Id, Asking.Operator, wish, CancellationToken.None)).Value;
    }

    internal Task<SweepReport> SweepAsync() => Room<Sweeper>().SweepAsync(TimeSpan.Zero, CancellationToken.None);

    /// <summary>Posts JSON to a v1 call with the owner's key (or another; empty for none).</summary>
    public Task<Answer> CallAsync(string path, string json, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/" + path)
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        return SendAsync(request, key);
    }

    /// <summary>Calls the native API.</summary>
    /// <param name="method">GET, POST, …</param>
    /// <param name="path">Behind <c>/api/</c>.</param>
    /// <param name="json">The body; null sends none.</param>
    /// <param name="key">Null: the owner's; empty: none.</param>
    public Task<Answer> ApiAsync(string method, string path, string? json = null, string? key = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), "/api/" + path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        return SendAsync(request, key);
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request, string? key = null)
    {
        if ((key ?? Key) is { Length: > 0 } present)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", present);
        }

        using var response = await Http.SendAsync(request);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        return new Answer(response.StatusCode, bytes, response.Headers, response.Content.Headers);
    }

    public async Task<string> OpenUploadAsync(string? key = null)
    {
        var answer = await CallAsync("upload/get_upload_server.cgi", "{}", key);
        return answer.Json.GetProperty("id").GetString()!;
    }

    /// <summary>Sends a form to <c>upload.cgi</c>.</summary>
    public Task<Answer> PostUploadAsync(string id, HttpContent form, string? key = null) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/upload.cgi?id={id}") { Content = form }, key);

    /// <summary>One file, as most clients send it; returns its entry in the report.</summary>
    public async Task<JsonElement> UploadAsync(string name, byte[] bytes, long folderId = 0, string? key = null)
    {
        var id = await OpenUploadAsync(key);
        var posted = await PostUploadAsync(id, Form(folderId, (name, bytes)), key);
        Assert.Equal(HttpStatusCode.Found, posted.Status);
        return (await ReportAsync(id)).Json.GetProperty("links")[0];
    }

    public Task<Answer> ReportAsync(string id)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/end.pl?xid={id}");
        request.Headers.Add("JSON", "1");
        return SendAsync(request, "");
    }

    /// <summary>The bytes behind a link, through a token.</summary>
    public async Task<byte[]> DownloadAsync(string link, string? key = null)
    {
        var token = await CallAsync("download/get_token.cgi", JsonSerializer.Serialize(new { url = link }), key);
        Assert.Equal(HttpStatusCode.OK, token.Status);
        return await Http.GetByteArrayAsync(new Uri(token.Json.GetProperty("url").GetString()!));
    }

    public async Task<IReadOnlyList<string>> ListNamesAsync(long folderId = 0, string? key = null)
    {
        var answer = await CallAsync("file/ls.cgi", $$"""{"folder_id":{{folderId}}}""", key);
        return [.. answer.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("filename").GetString()!)];
    }

    public async Task<long> MakeFolderAsync(string name, long parentId = 0, string? key = null)
    {
        var answer = await CallAsync("folder/mkdir.cgi", JsonSerializer.Serialize(new { name, folder_id = parentId }), key);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Json.GetProperty("folder_id").GetInt64();
    }

    /// <summary>Blobs and unfinished writes that lie in the store.</summary>
    public IReadOnlyList<string> StoredFiles()
    {
        var root = Path.Combine(Folder, "store");
        using var small = SmallBlobs.Open(new DiskBlobStoreOptions { Root = root, IsExclusive = false }, new BlobPaths(root));
        return
        [
            .. Directory.EnumerateFiles(Path.Combine(root, "blobs"), "*", SearchOption.AllDirectories),
            .. Directory.EnumerateFiles(Path.Combine(root, "staging")),
            .. small.Ids().Select(id => id.ToString()),
        ];
    }

    public static MultipartFormDataContent Form(long folderId, params (string Name, byte[] Bytes)[] files)
    {
        var form = new MultipartFormDataContent("----coffre-test-boundary");
        form.Headers.Remove("Content-Type");
        form.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=----coffre-test-boundary");
        form.Add(Part("form-data; name=\"did\"", Encoding.UTF8.GetBytes(folderId.ToString())));
        foreach (var (name, bytes) in files)
        {
            form.Add(Part($"form-data; name=\"file[]\"; filename=\"{name}\"", bytes));
        }

        return form;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _data.DisposeAsync();
        if (!_keepFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static ByteArrayContent Part(string disposition, byte[] bytes)
    {
        var part = new ByteArrayContent(bytes);

        // HttpClient writes header values as Latin-1 unless told otherwise; the wire has UTF-8.
        var wire = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(disposition));
        part.Headers.TryAddWithoutValidation("Content-Disposition", wire);
        return part;
    }
}

/// <summary>One answer, read whole.</summary>
public sealed record Answer(HttpStatusCode Status, byte[] Bytes, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonElement Json => JsonDocument.Parse(Bytes).RootElement;

    public string? Message => Json.GetProperty("message").GetString();

    /// <summary>Asserts a refusal: the envelope, its number, the HTTP status.</summary>
    public void IsKo(HttpStatusCode status, int number)
    {
        Assert.Equal(status, Status);
        Assert.Equal("KO", Json.GetProperty("status").GetString());
        Assert.EndsWith($" #{number}", Message, StringComparison.Ordinal);
    }

    /// <summary>Asserts a refusal of the native API.</summary>
    public void IsProblem(HttpStatusCode status, string code)
    {
        Assert.Equal((status, code), (Status, Json.GetProperty("code").GetString()));
        Assert.Equal("application/problem+json", ContentHeaders.ContentType?.MediaType);
        Assert.Equal((int)status, Json.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrEmpty(Json.GetProperty("title").GetString()));
        Assert.Equal(Headers.GetValues("X-Request-Id").Single(), Json.GetProperty("request_id").GetString());
    }

    public void IsOk()
    {
        Assert.Equal(HttpStatusCode.OK, Status);
        Assert.Equal("OK", Json.GetProperty("status").GetString());
    }
}
