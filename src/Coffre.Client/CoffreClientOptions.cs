using Coffre.Client.Bandwidth;
using Coffre.Client.Local;

namespace Coffre.Client;

/// <summary>How a <see cref="CoffreClient"/> works. All but <see cref="ApiKey"/> have sensible defaults.</summary>
public sealed record CoffreClientOptions
{
    /// <summary>Address of 1fichier.com's API.</summary>
    public static Uri OneFichier { get; } = new("https://api.1fichier.com/");

    /// <summary>
    /// Scheme, host and port of the service: <c>https://files.example.org/</c> for a coffre-server; 1fichier.com by default.
    /// A path other than <c>/</c> or <c>/v1</c> is refused.
    /// </summary>
    public Uri BaseAddress { get; init; } = OneFichier;

    /// <summary>
    /// The secret that opens the account; null for anonymous calls. It is sent to the host of <see cref="BaseAddress"/> and to
    /// upload nodes on the same host (for 1fichier.com: below <c>1fichier.com</c>), never elsewhere and never on a redirect.
    /// </summary>
    public string? ApiKey { get; init; }

    /// <summary>
    /// Carries the requests; null makes one that is right. Yours must not follow redirects. Not disposed by the client.
    /// </summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>Carries the requests instead of <see cref="Handler"/>, for those who have an <c>IHttpClientFactory</c>. Not disposed.</summary>
    public HttpClient? HttpClient { get; init; }

    /// <summary>Clock and timers.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>How often a call is repeated after a transient failure; 0 to 20.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>How long the answer to a JSON call may take before it counts as lost. Waiting for the turn of the call does not count.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>How long a transfer may stand still before it counts as cut.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How long, in all, one call may wait for a flood lock or a <c>Retry-After</c> to pass. Zero: fail at once.</summary>
    public TimeSpan FloodPatience { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How long to ask for the report of a finished upload while the service is still busy with it.</summary>
    public TimeSpan ReportPatience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Least time between two calls; null chooses what the service bears: see <see cref="StateFolder"/>.</summary>
    public TimeSpan? MinInterval { get; init; }

    /// <summary>
    /// Where the client remembers what it asked of which service lately, and which locks hold, so that all clients and processes
    /// that name the same folder share one budget of requests. Made if it is missing, readable by its owner only. Null: each
    /// client remembers for itself, for as long as it lives.
    /// </summary>
    public string? StateFolder { get; init; }

    /// <summary>Holds back the bytes of files, up and down; one may be shared by many clients. Null: they go as fast as they can.</summary>
    public BandwidthLimit? Bandwidth { get; init; }

    /// <summary>Told every second while a lock or a rule of the service keeps the client waiting, and once more when it ends.</summary>
    public Action<WaitNotice>? OnWait { get; init; }

    /// <summary>Told about each finished request: method, host and path without secrets, status, duration.</summary>
    public Action<CallTrace>? OnCall { get; init; }

    /// <summary>Told when the client waits or tries again, and why.</summary>
    public Action<string>? OnNotice { get; init; }

    /// <summary>Told each address that opens something by itself, such as that of a download, before it is used: never log it.</summary>
    public Action<string>? OnSecret { get; init; }

    /// <summary>Text of the User-Agent header.</summary>
    public string UserAgent { get; init; } = "coffre/0.1";

    internal DiskCalls Disk { get; init; } = DiskCalls.Own;
}

/// <summary>One request that ended, without anything secret.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Target">Host and path. Of download addresses only the host: the rest is a right to download.</param>
/// <param name="Status">HTTP status; 0 if no answer came.</param>
/// <param name="Elapsed">From the first byte sent to the last header read.</param>
/// <param name="RequestId">What the service calls the request.</param>
public sealed record CallTrace(string Method, string Target, int Status, TimeSpan Elapsed, string? RequestId)
{
    /// <summary>How long it was held back before, so that the service has no reason to lock us.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>What the clock of the service said, to the second; null if it did not say.</summary>
    public DateTimeOffset? ServiceTime { get; init; }
}

/// <summary>Nothing is asked for a while.</summary>
/// <param name="Reason">The service's words, or the rule of its that is kept.</param>
/// <param name="Ko">The number in its words; null if there was none.</param>
/// <param name="Left">How long it still takes; zero: it is over.</param>
public sealed record WaitNotice(string Reason, int? Ko, TimeSpan Left);
