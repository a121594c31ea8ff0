using Coffre.Client.Calls;
using Coffre.Client.Downloads;
using Coffre.Client.Local;
using Coffre.Client.Native;
using Coffre.Client.Uploads;

namespace Coffre.Client;

/// <summary>Drives one account on a coffre-server or on 1fichier.com.</summary>
/// <remarks>
/// Every call takes a <see cref="CancellationToken"/> and throws <see cref="CoffreException"/> for what is refused or broken.
/// Transient failures are tried again within the limits of <see cref="CoffreClientOptions"/>; what could happen twice is not.
/// All members may be used from any thread at any time.
/// </remarks>
public sealed partial class CoffreClient : IDisposable
{
    private readonly Wire _wire;
    private readonly V1Caller _caller;
    private readonly Uploader _uploader;
    private readonly Downloader _downloader;
    private readonly NativeCaller _native;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <exception cref="ArgumentException">The base address has a path or no host, or a number is out of range.</exception>
    public CoffreClient(CoffreClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Retries is < 0 or > 20)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Retries, "Retries must be 0 to 20.");
        }

        if (options.Handler is HttpClientHandler { AllowAutoRedirect: true } or SocketsHttpHandler { AllowAutoRedirect: true })
        {
            throw new ArgumentException("The handler must not follow redirects: set AllowAutoRedirect to false.", nameof(options));
        }

        if (options.ApiKey is { } key && key.Any(c => c is <= ' ' or >= '\u007f'))
        {
            throw new ArgumentException("The key has blanks, line ends or characters that no key has.", nameof(options));
        }

        _wire = new Wire(options, new ServiceAddress(options.BaseAddress));
        _caller = new V1Caller(_wire);
        _uploader = new Uploader(_wire, this);
        _downloader = new Downloader(_wire, this);
        _native = new NativeCaller(_wire);
        Keys = new KeyCalls(_native);
    }

    /// <summary>The service, as it is really called.</summary>
    public Uri BaseAddress => _wire.Address.Base;

    /// <summary>Whether the service is 1fichier.com: stricter limits, no empty files.</summary>
    public bool IsOneFichier => _wire.Address.IsOneFichier;

    /// <summary>
    /// Whether calls are dear here: the limits of 1fichier.com hold, so that few calls with much in each are best. Known after the
    /// first answer of a service.
    /// </summary>
    public bool CallsAreDear => _wire.Budget.IsTight;

    internal TimeProvider Time => _wire.Time;

    internal DiskCalls Disk => _wire.Options.Disk;

    internal string? StateFolder => _wire.Options.StateFolder;

    internal string? ApiKey => _wire.Options.ApiKey;

    /// <summary>What the account is called in the state folder.</summary>
    internal string Identity => AccountIdentity.Of(StateFolder, BaseAddress, ApiKey);

    /// <summary>Whether a call may go out without having to rest first.</summary>
    internal ValueTask<bool> IsFreeAsync(Budget.BudgetAsk ask, CancellationToken cancellationToken) => _wire.Budget.IsFreeAsync(ask, cancellationToken);

    /// <summary>How long a folder has to rest between two listings here; zero where it need not.</summary>
    internal ValueTask<TimeSpan> RestOfFoldersAsync(CancellationToken cancellationToken) => _wire.Budget.RestOfFoldersAsync(cancellationToken);

    /// <summary>The keys of the account: a coffre-server has them, 1fichier.com does not.</summary>
    public KeyCalls Keys { get; }

    /// <summary>What the request budget of this service looks like now. Nothing is asked.</summary>
    /// <exception cref="CoffreException"><see cref="CoffreError.LocalFile"/>.</exception>
    public ValueTask<BudgetReport> GetBudgetAsync(CancellationToken cancellationToken = default) => _wire.Budget.ReportAsync(cancellationToken);

    /// <summary>Closes the connections that this client made.</summary>
    public void Dispose() => _wire.Dispose();
}
