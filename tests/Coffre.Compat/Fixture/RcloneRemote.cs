namespace Coffre.Compat.Fixture;

/// <summary>One rclone, unmodified, that believes it speaks with 1fichier.com: the proxy and the authority lead it to a local server.</summary>
public sealed class RcloneRemote : IAsyncDisposable
{
    private readonly string _program;
    private readonly bool _http2;
    private readonly CertificateAuthority _authority;
    private readonly TempFolder _folder = new();

    private RcloneRemote(string program, bool http2, string version, ServerProcess server, CertificateAuthority authority)
    {
        _program = program;
        _http2 = http2;
        _authority = authority;
        Version = version;
        Server = server;
        Proxy = new ConnectProxy(server.HttpsPort);
    }

    /// <summary>As the program tells it, such as <c>v1.60.1-DEV</c>.</summary>
    public string Version { get; }

    /// <summary>
    /// 1.60 compares a move's destination folder with itself and so only ever renames, and it knows no move of a folder. That is its own
    /// fault, mended in later versions: it would do the same on 1fichier.com.
    /// </summary>
    public bool CannotMove => Version.StartsWith("v1.60", StringComparison.Ordinal);

    public ServerProcess Server { get; }

    public ConnectProxy Proxy { get; }

    /// <param name="newest">The newest that Debian offers, fetched by <c>./test</c>; else the machine's own.</param>
    /// <param name="http2">Otherwise HTTP/1.1.</param>
    /// <param name="settings">Of the server, as <c>--set</c> takes them.</param>
    public static async Task<RcloneRemote> StartAsync(bool newest, bool http2, params string[] settings)
    {
        var path = newest ? Repository.Artifact("tools", "rclone-newest", "usr", "bin", "rclone") : "rclone";
        var version = (await Tool.RunAsync(path, ["version"])).Ok().Lines[0].Split(' ')[1];
        var server = await ServerProcess.StartAsync(new ServerOptions { Https = true, Public = "https://1fichier.com", Settings = settings });
        return new RcloneRemote(path, http2, version, server, await CertificateAuthority.GetAsync());
    }

    /// <summary>Whether the newest rclone could be had on this machine.</summary>
    public static bool HasNewest => Tool.Exists(Repository.Artifact("tools", "rclone-newest", "usr", "bin", "rclone"));

    /// <summary>Runs rclone on the remote <c>F:</c>. After every run, whatever came of it, nothing but 1fichier's names was asked for.</summary>
    public async Task<ToolResult> RunAsync(string? key, IEnumerable<string> arguments, ReadOnlyMemory<byte> stdin = default, TimeSpan? timeout = null)
    {
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = _folder.Path,
            ["HTTPS_PROXY"] = Proxy.Address.ToString(),
            ["HTTP_PROXY"] = Proxy.Address.ToString(),
            ["RCLONE_CONFIG"] = "/dev/null",
            ["RCLONE_CONFIG_F_TYPE"] = "fichier",
            ["RCLONE_CONFIG_F_API_KEY"] = key ?? Server.ApiKey,
            ["RCLONE_CACHE_DIR"] = _folder["cache"],
        };
        List<string> all = ["--ca-cert", _authority.Authority, .. _http2 ? [] : new[] { "--disable-http2" }, .. arguments];
        var result = await Tool.RunAsync(_program, all, stdin, timeout ?? TimeSpan.FromSeconds(120), environment);
        Assert.Empty(Proxy.Refused);
        return result;
    }

    public Task<ToolResult> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
