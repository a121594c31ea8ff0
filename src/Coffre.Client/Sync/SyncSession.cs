namespace Coffre.Client.Sync;

/// <summary>Brings a folder of this machine to the service, or one of the service to this machine: first a plan, then its steps.</summary>
/// <remarks>
/// A plan is made by comparing the two trees, and changes nothing. Applying it sends and fetches through the same batches, notes and
/// part files as single transfers do, so a run that was cut goes on with what is left. Times, permissions, true names and empty files
/// are kept on the service in a sidecar: see <c>docs/sync.md</c>. One session is for one run.
/// </remarks>
public sealed class SyncSession
{
    private readonly CoffreClient _client;
    private readonly RemoteIndex _index;
    private readonly string _local;
    private readonly IReadOnlyList<string> _remote;
    private readonly SyncOptions _options;
    private readonly bool _isUp;
    private RemoteTree? _side;
    private SyncPlan? _plan;

    private SyncSession(CoffreClient client, RemoteIndex index, string local, IReadOnlyList<string> remote, SyncOptions options, bool isUp) =>
        (_client, _index, _local, _remote, _options, _isUp) = (client, index, Path.GetFullPath(local), remote, options, isUp);

    /// <summary>From this machine to the service.</summary>
    /// <param name="client">The account.</param>
    /// <param name="index">Its tree; each folder of it is listed at most once.</param>
    /// <param name="localFolder">Source. Must be there.</param>
    /// <param name="remoteFolder">Destination: local names from the root of the account down. Made if it is missing.</param>
    /// <param name="options">How.</param>
    public static SyncSession Up(CoffreClient client, RemoteIndex index, string localFolder, IReadOnlyList<string> remoteFolder, SyncOptions options) =>
        new(client, index, localFolder, remoteFolder, options, isUp: true);

    /// <summary>From the service to this machine.</summary>
    /// <param name="client">The account.</param>
    /// <param name="index">Its tree; each folder of it is listed at most once.</param>
    /// <param name="remoteFolder">Source: local names from the root of the account down. Must be there.</param>
    /// <param name="localFolder">Destination. Made if it is missing.</param>
    /// <param name="options">How.</param>
    public static SyncSession Down(CoffreClient client, RemoteIndex index, IReadOnlyList<string> remoteFolder, string localFolder, SyncOptions options) =>
        new(client, index, localFolder, remoteFolder, options, isUp: false);

    /// <summary>Looks at both sides and says what has to be done.</summary>
    /// <exception cref="CoffreException">
    /// <see cref="CoffreError.NotFound"/>: there is no such source. Whatever listing a folder may throw: a tree that is not wholly known is no
    /// ground for a plan.
    /// </exception>
    public async Task<SyncPlan> PlanAsync(CancellationToken cancellationToken = default)
    {
        var (local, remote) = await ReadAsync(cancellationToken).ConfigureAwait(false);
        var (source, destination) = _isUp ? (local, remote) : (remote, local);
        return _plan = await new SyncPlanner(_options, source, destination, ChecksumAsync).PlanAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Does what the plan of this session says.</summary>
    /// <param name="plan">That of <see cref="PlanAsync"/>.</param>
    /// <param name="cancellationToken">Cancels; a later run does what is left.</param>
    /// <returns>Whether all of it was done; what failed, the listener was told.</returns>
    /// <exception cref="InvalidOperationException">The plan is of another session, or must not be applied (<see cref="SyncPlan.Stop"/>).</exception>
    public Task<bool> ApplyAsync(SyncPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (!ReferenceEquals(plan, _plan) || plan.Stop is not null)
        {
            throw new InvalidOperationException(plan.Stop?.Reason ?? "This plan is not of this session.");
        }

        SyncApply work = _isUp ? new SyncUp(_client, _index, _side!, _remote, _options) : new SyncDown(_client, _local, _options);
        return work.ApplyAsync(plan, cancellationToken);
    }

    internal async Task<(SyncTree Local, SyncTree Remote)> ReadAsync(CancellationToken cancellationToken)
    {
        var local = new LocalTreeReader(_options, isDestination: !_isUp).Read(_local, cancellationToken);
        var top = await _index.FindFolderAsync(_remote, cancellationToken).ConfigureAwait(false);
        if (top is null && !_isUp)
        {
            throw new CoffreException(CoffreError.NotFound, $"There is no folder /{string.Join('/', _remote)} on the service.") { Advice = "check the path (coffre ls)" };
        }

        _side = await new RemoteTreeReader(_client, _index, _options, isDestination: _isUp).ReadAsync(top, cancellationToken).ConfigureAwait(false);
        return (local, _side.Tree);
    }

    private static Task<string> ChecksumAsync(SyncFile file, CancellationToken cancellationToken) => LocalChecksum.ComputeAsync(file.LocalPath!, cancellationToken);
}
