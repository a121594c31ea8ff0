using Coffre.Client.Uploads;
using Coffre.Protocol.V1;

namespace Coffre.Client;

public sealed partial class CoffreClient
{
    /// <summary>Most files that one upload may carry.</summary>
    public const int MaxFilesPerUpload = 500;

    /// <summary>Uploads one file.</summary>
    /// <remarks>
    /// The bytes are streamed; Whirlpool is computed on the way and compared with the service's. A source of unknown length goes
    /// out chunked to a coffre-server and through a temporary file to 1fichier.com. A second upload of one name makes a second
    /// file of that name.
    /// </remarks>
    /// <exception cref="CoffreException">
    /// <see cref="CoffreError.QuotaExceeded"/>, <see cref="CoffreError.TooLarge"/>, <see cref="CoffreError.Integrity"/>,
    /// <see cref="CoffreError.LocalChanged"/>, <see cref="CoffreError.EmptyFile"/>, and what every call may throw.
    /// </exception>
    public async Task<UploadReceipt> UploadAsync(UploadSource source, UploadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var outcomes = await _uploader.UploadAsync([source], options ?? new UploadOptions(), cancellationToken).ConfigureAwait(false);
        return outcomes[0].Get();
    }

    /// <summary>Uploads 1 to 500 files into one folder with one request.</summary>
    /// <returns>One receipt for each, in the same order.</returns>
    /// <exception cref="CoffreException">As for one file.</exception>
    public async Task<IReadOnlyList<UploadReceipt>> UploadManyAsync(
        IReadOnlyList<UploadSource> sources, UploadOptions? options = null, CancellationToken cancellationToken = default)
    {
        var outcomes = await UploadEachAsync(sources, options, cancellationToken).ConfigureAwait(false);
        return [.. outcomes.Select(outcome => outcome.Get())];
    }

    /// <summary>The same, where one file that fails shall not hide what became of the others. It is sent again alone before it counts as failed.</summary>
    /// <returns>What became of each, in the same order.</returns>
    /// <exception cref="CoffreException">As for one file, where the service refuses the upload as a whole: then no file arrived.</exception>
    public Task<IReadOnlyList<UploadOutcome>> UploadEachAsync(
        IReadOnlyList<UploadSource> sources, UploadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfZero(sources.Count, nameof(sources));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sources.Count, MaxFilesPerUpload, nameof(sources));
        return _uploader.UploadAsync(sources, options ?? new UploadOptions(), cancellationToken);
    }

    internal async Task<UploadServer> GetUploadServerAsync(CancellationToken cancellationToken)
    {
        var answer = await _caller.CallAsync(
            V1Paths.UploadServer, new EmptyRequest(), V1Json.Default.EmptyRequest, V1Json.Default.UploadServerAnswer,
            repeatable: true, cancellationToken).ConfigureAwait(false);
        return string.IsNullOrEmpty(answer.Id)
            ? throw new CoffreException(CoffreError.UnexpectedAnswer, "The service gave no id for the upload.")
            : new UploadServer(_wire.Address.Node(answer.Url), answer.Id);
    }
}
