using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Coffre.Protocol;
using Coffre.Server.Door;
using Coffre.Server.Keys;
using Coffre.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Coffre.Tests.Serving;

/// <summary>Secrets that are sent to any address of the server, in any place and dress, come out in no line of the log; nor do they lie in the catalog.</summary>
public sealed class ServerCanaryTests
{
    private const string Password = "Canary-Passw0rd-7f3a";
    private const string LinkPassword = "Canary-L1nk-c41d";

    [Fact]
    public async Task No_log_line_and_no_catalog_has_a_secret_that_was_sent()
    {
        var sink = new CleanSink();
        await using var server = await TestServer.StartAsync(
            null, services => services.AddSingleton<ILoggerProvider>(sink), ("Limits:KeyRate", "0"), ("Keys:InUrl", "true"), ("Keys:FailuresByAddress", "1000000"),
            ("Accounts:FailuresByAddress", "2"), ("Uploads:Incoming", "true"), ("Ftp:Port", TestPorts.Free().ToString(CultureInfo.InvariantCulture)), ("Ftp:RequireTls", "false"));
        var link = (await server.UploadAsync("f", [1])).GetProperty("download").GetString()!;
        (await server.CallAsync("file/chattr.cgi", $$"""{"urls":["{{link}}"],"pass":"{{LinkPassword}}"}""")).IsOk();
        (await server.CallAsync("ftp/users/add.cgi", $$"""{"user":"canary","pass":"{{Password}}"}""")).IsOk();
        var token = (await server.CallAsync("download/get_token.cgi", $$"""{"url":"{{link}}"}""")).Json.GetProperty("url").GetString()!;
        string[] secrets = [server.Key, ApiKey.New(), Password, LinkPassword, token[(token.LastIndexOf("/p", StringComparison.Ordinal) + 2)..]];

        foreach (var secret in secrets)
        {
            foreach (var route in server.Routes.Append("/nowhere").Distinct(StringComparer.Ordinal))
            {
                await SendAsync(server, route, secret);
            }
        }

        await server.Http.GetAsync(new Uri(token));
        AssertClean(sink.All, secrets, "the log");
        await server.Room<KeyUses>().FlushAsync();
        await server.Room<Coffre.Server.Audit.Refusals>().FlushAsync();
        var catalog = string.Concat(new[] { "catalog.db", "catalog.db-wal" }.Select(name => Read(Path.Combine(server.Folder, name))));
        AssertClean(catalog, secrets, "the catalog");
    }

    [Fact]
    public async Task A_crash_that_tells_all_it_knows_is_written_down_without_the_secrets()
    {
        var sink = new CleanSink();
        var store = new LeakyStore();
        await using var server = await TestServer.StartAsync(
            null, services => services.AddSingleton<ILoggerProvider>(sink).Replace(ServiceDescriptor.Singleton<IBlobStore>(store)));
        store.Says = $"https://me:{Password}@example.org/?api_key={server.Key} Bearer {server.Key} {Uri.EscapeDataString(server.Key)} {Escaped(server.Key)} "
            + $"{Base64(server.Key)} {Base64("x" + server.Key)} {Base64("xy" + server.Key)} Basic {Base64("me:" + Password)} pass={Password}";
        var id = await server.OpenUploadAsync();
        Assert.Equal(500, (int)(await server.PostUploadAsync(id, TestServer.Form(0, ("f", [1])))).Status);
        Assert.Contains("failed", sink.All, StringComparison.Ordinal);
        Assert.Contains("[redacted]", sink.All, StringComparison.Ordinal);
        AssertClean(sink.All, [server.Key, Password], "the log");
    }

    [Fact]
    public void A_log_line_keeps_what_is_no_secret()
    {
        const string Line = "GET /v1/folder/ls.cgi HTTP/1.1 200 in 3 ms, /caf%C3%A9%20del%20mar%20a%20very%20long%20name.txt 4fd0a1b2c3d4e5f60718293a4b5c6d7e";
        Assert.Equal(Line, Redactor.Clean(Line));
    }

    private static async Task SendAsync(TestServer server, string route, string secret)
    {
        // Keys and tokens may stand in a path by mistake; nothing ever asks for a password there, and nobody could tell one from a name.
        var inPath = secret is Password or LinkPassword ? "x" : secret;
        var path = "/" + string.Join('/', route.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(part => part[0] == '{' ? inPath : part.Replace("{digits}", inPath, StringComparison.Ordinal)));
        var escaped = Uri.EscapeDataString(secret);
        foreach (var (method, query) in new[]
        {
            ("POST", $"?api_key={escaped}&pass={escaped}"), ("GET", $"?apikey={Escaped(secret)}&id={escaped}&xid={Base64(secret)}"), ("DELETE", ""), ("PATCH", $"?{escaped}"),
        })
        {
            foreach (var dress in new[] { "bearer", "basic", "cookie", "none" })
            {
                var request = new HttpRequestMessage(new HttpMethod(method), path + query);
                request.Headers.Authorization = dress switch
                {
                    "bearer" => new AuthenticationHeaderValue("Bearer", secret),
                    "basic" => new AuthenticationHeaderValue("Basic", Base64("owner@localhost:" + secret)),
                    _ => null,
                };
                request.Headers.TryAddWithoutValidation("Cookie", $"session={secret}");
                request.Headers.TryAddWithoutValidation("User-Agent", dress == "cookie" ? secret : "curl/8");
                request.Headers.TryAddWithoutValidation("Referer", $"https://example.org/{secret}");
                request.Content = method is "GET" or "DELETE" ? null : dress == "none" ? Form(secret) : Json(secret);
                await server.SendAsync(request, "");
            }
        }
    }

    private static StringContent Json(string secret) => new(
        JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["pass"] = secret, ["password"] = secret, ["api_key"] = secret, ["token"] = secret, ["key"] = secret, ["code"] = secret, ["voucher"] = secret, ["url"] = $"https://x/?{secret}",
        }),
        Encoding.UTF8, "application/json");

    private static MultipartFormDataContent Form(string secret)
    {
        var form = new MultipartFormDataContent { { new StringContent("owner@localhost"), "user" }, { new StringContent(secret), "pass" }, { new StringContent(secret), "password" } };
        form.Add(new ByteArrayContent([1]), "file[]", "f");
        return form;
    }

    private static void AssertClean(string text, IEnumerable<string> secrets, string where)
    {
        foreach (var secret in secrets)
        {
            foreach (var dressed in new[] { secret, Uri.EscapeDataString(secret), Escaped(secret), Base64(secret), Base64("owner@localhost:" + secret) })
            {
                var at = text.IndexOf(dressed, StringComparison.OrdinalIgnoreCase);
                Assert.True(at < 0, $"'{dressed}' stands in {where}: {(at < 0 ? "" : text[Math.Max(0, at - 200)..Math.Min(text.Length, at + 200)])}");
            }
        }
    }

    /// <summary>Every character as an escape.</summary>
    private static string Escaped(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(b => $"%{b:X2}"));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, Encoding.Latin1);
        return reader.ReadToEnd();
    }

    /// <summary>Writes every event of every room through the real formatter, at any level.</summary>
    private sealed class CleanSink : ILoggerProvider
    {
        private readonly ConcurrentQueue<string> _lines = new();
        private readonly LogSetup.CleanFormatter _formatter = new(Options.Create(new LogSetup.CleanFormatterOptions()), TimeProvider.System);

        public string All => string.Concat(_lines);

        public ILogger CreateLogger(string categoryName) => new Logger(categoryName, this);

        public void Dispose()
        {
        }

        private sealed class Logger(string category, CleanSink sink) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            // Below that level the framework itself writes whole requests down; a server leaves it switched off.
            public bool IsEnabled(LogLevel logLevel) => logLevel >= (category.StartsWith("Microsoft", StringComparison.Ordinal) ? LogLevel.Warning : LogLevel.Trace);

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (IsEnabled(logLevel))
                {
                    using var line = new StringWriter();
                    sink._formatter.Write(new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter), null, line);
                    sink._lines.Enqueue(line.ToString());
                }
            }
        }
    }

    /// <summary>A store that is broken and says too much about it.</summary>
    private sealed class LeakyStore : IBlobStore
    {
        public string Says { get; set; } = "";

        public ValueTask<IBlobWriter> BeginAsync(long? expectedLength, CancellationToken cancellationToken) => throw new InvalidOperationException(Says);

        public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken) => throw new InvalidOperationException(Says);

        public ValueTask<Stream?> OpenAsync(BlobId id, ByteRange range, CancellationToken cancellationToken) => throw new InvalidOperationException(Says);

        public ValueTask<bool> PurgeAsync(BlobId id, CancellationToken cancellationToken) => throw new InvalidOperationException(Says);

        public ValueTask<int> PurgeStagingAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) => ValueTask.FromResult(0);

        public async IAsyncEnumerable<BlobInfo> ListAsync(BlobId? after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield break;
        }
    }
}
