using Coffre.Client;
using Coffre.Client.Local;
using Coffre.Client.Sync;
using Coffre.Client.Testing;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Client.Sync;

/// <summary>A server, an account, and folders to sync, with the SDK alone.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class SyncBench : IAsyncDisposable
{
    private readonly List<CoffreClient> _clients = [];

    private SyncBench(TestServer server)
    {
        Server = server;
        Folder = Directory.CreateTempSubdirectory("coffre-sync-").FullName;
    }

    public TestServer Server { get; }

    public string Folder { get; }

    /// <summary>Whether the service is taken for 1fichier.com: no empty files, other addresses.</summary>
    public bool AsOneFichier { get; init; }

    /// <summary>Where files come to lie.</summary>
    public DiskCalls Disk { get; set; } = DiskCalls.Own;

    /// <summary>Sees each request first.</summary>
    public Func<HttpRequestMessage, Task>? Before { get; set; }

    /// <summary>Paths of the requests of the last client.</summary>
    public List<string> Calls { get; } = [];

    public List<string> Warnings { get; } = [];

    public List<(string Path, Exception Trouble)> Failures { get; } = [];

    public static async Task<SyncBench> StartAsync(bool asOneFichier = false, params (string Key, string Value)[] settings) =>
        new(await TestServer.StartAsync(settings)) { AsOneFichier = asOneFichier };

    public string Local(string name) => Path.Combine(Folder, name);

    public string Write(string name, string text, DateTimeOffset? modified = null)
    {
        var path = Local(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, (modified ?? new DateTimeOffset(2020, 1, 2, 3, 4, 5, 678, TimeSpan.Zero)).UtcDateTime);
        return path;
    }

    public CoffreClient Client()
    {
        Calls.Clear();
        var client = new CoffreClient(new CoffreClientOptions
        {
            BaseAddress = AsOneFichier ? CoffreClientOptions.OneFichier : Server.Address,
            ApiKey = Server.Key,
            Handler = new Rewriter(this),
            MinInterval = TimeSpan.Zero,
            Retries = 0,
            Disk = Disk,

            // What is dear on 1fichier is waited for, and no test waits.
            TimeProvider = AsOneFichier ? new FakeClock() : TimeProvider.System,
        });
        _clients.Add(client);
        return client;
    }

    public SyncOptions Options(bool deletes = false) => new() { Deletes = deletes, MaxDelete = 1000, MaxDeletePercent = 100, Listener = new Ears(this) };

    public async Task<SyncPlan> UpAsync(string local, string remote, SyncOptions? options = null, bool apply = true, CancellationToken cancellationToken = default)
    {
        var client = Client();
        using var index = new RemoteIndex(client);
        return await RunAsync(SyncSession.Up(client, index, Local(local), remote.Split('/', StringSplitOptions.RemoveEmptyEntries), options ?? Options()), apply, cancellationToken);
    }

    public async Task<SyncPlan> DownAsync(string remote, string local, SyncOptions? options = null, bool apply = true, CancellationToken cancellationToken = default)
    {
        var client = Client();
        using var index = new RemoteIndex(client);
        return await RunAsync(SyncSession.Down(client, index, remote.Split('/', StringSplitOptions.RemoveEmptyEntries), Local(local), options ?? Options()), apply, cancellationToken);
    }

    /// <summary>What a local folder holds: path, content, time to the millisecond, permissions.</summary>
    public string Snapshot(string name)
    {
        var root = Local(name);
        return string.Join('\n', Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path =>
            $"{Path.GetRelativePath(root, path)} {File.GetUnixFileMode(path)} "
            + (File.Exists(path) ? $"{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))[..12]} {File.GetLastWriteTimeUtc(path):yyyy-MM-dd HH:mm:ss.fff}" : "/")));
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task<SyncPlan> RunAsync(SyncSession session, bool apply, CancellationToken cancellationToken)
    {
        Warnings.Clear();
        Failures.Clear();
        var plan = await session.PlanAsync(cancellationToken);
        if (apply)
        {
            Assert.Equal(await session.ApplyAsync(plan, cancellationToken), Failures.Count == 0);
        }

        return plan;
    }

    private sealed class Ears(SyncBench bench) : ISyncListener
    {
        public void Warn(string message)
        {
            lock (bench.Warnings)
            {
                bench.Warnings.Add(message);
            }
        }

        public void Failed(string path, Exception trouble)
        {
            lock (bench.Failures)
            {
                bench.Failures.Add((path, trouble));
            }
        }

        public void Done(SyncAction action, RemoteFile? file)
        {
        }

        public IProgress<long>? Begin(string name, long length) => null;
    }

    /// <summary>Leads what goes to 1fichier.com to the server of the test, and counts.</summary>
    private sealed class Rewriter(SyncBench bench) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (bench.Calls)
            {
                bench.Calls.Add(request.RequestUri!.AbsolutePath);
            }

            if (bench.Before is { } before)
            {
                await before(request);
            }

            var asked = request.RequestUri!;
            if (bench.AsOneFichier)
            {
                request.Headers.Host = asked.Authority;
                request.RequestUri = new Uri(bench.Server.Address, asked.PathAndQuery);
            }

            var answer = await base.SendAsync(request, cancellationToken);
            request.RequestUri = asked;
            if (bench.AsOneFichier && answer.Headers.Location is { IsAbsoluteUri: true } location)
            {
                answer.Headers.Location = new Uri(location.PathAndQuery, UriKind.Relative);
            }

            return answer;
        }
    }
}
