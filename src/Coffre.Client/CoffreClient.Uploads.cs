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
        var receipts = await _uploader.UploadAsync([source], options ?? new UploadOptions(), cancellationToken).ConfigureAwait(false);
        return receipts[0];
    }

    /// <summary>Uploads 1 to 500 files into one folder with one request; all arrive or none.</summary>
    /// <returns>One receipt for each, in the same order.</returns>
    /// <exception cref="CoffreException">As for one file.</exception>
    public Task<IReadOnlyList<UploadReceipt>> UploadManyAsync(
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
