using Coffre.Protocol.V1;

namespace Coffre.Client;

public sealed partial class CoffreClient
{
    /// <summary>Fetches a file into a local one, going on where an earlier run stopped.</summary>
    /// <remarks>
    /// The bytes go into a file that ends in <c>.part</c> beside <paramref name="path"/>, and get their name only when size and
    /// checksum agree. A connection that is cut or an address that expires is replaced, and the transfer goes on. A large file
    /// comes by several ranges side by side where the service bears it.
    /// </remarks>
    /// <param name="file">From a listing or <see cref="GetFileAsync"/>: its size and checksum are compared.</param>
    /// <param name="path">Where to. An existing file is replaced. The folder must exist.</param>
    /// <param name="options">Password, progress, ranges.</param>
    /// <param name="cancellationToken">Cancels; what came stays for the next run.</param>
    /// <exception cref="CoffreException">
    /// <see cref="CoffreError.Integrity"/>, <see cref="CoffreError.RemoteChanged"/>, <see cref="CoffreError.LocalFile"/>, and what
    /// every call may throw.
    /// </exception>
    public Task<DownloadResult> DownloadAsync(RemoteFile file, string path, DownloadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (options?.Ranges is { } ranges and (< 1 or > DownloadOptions.MaxRanges))
        {
            throw new ArgumentOutOfRangeException(nameof(options), ranges, $"Ranges must be 1 to {DownloadOptions.MaxRanges}.");
        }

        return _downloader.ToFileAsync(file, path, options ?? new DownloadOptions(), cancellationToken);
    }

    /// <summary>Pours a file, or a part of it, into a stream. The checksum is not compared.</summary>
    /// <param name="link">Public link.</param>
    /// <param name="destination">Takes the bytes in order; stays open.</param>
    /// <param name="offset">First byte; 0 or more. At or past the end nothing comes.</param>
    /// <param name="count">Most bytes to fetch; null for all that follow.</param>
    /// <param name="options">Password, progress.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="CoffreException">What every call may throw.</exception>
    public async Task<long> CopyToAsync(
        string link, Stream destination, long offset = 0, long? count = null, DownloadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(link);
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count ?? 0, nameof(count));
        if (count == 0)
        {
            return 0;
        }

        long? end = count is { } wanted && wanted < long.MaxValue - offset ? offset + wanted : null;
        return await _downloader.ToStreamAsync(link, destination, offset, end, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>An address from which the file can be fetched without a key, once, soon (<c>download/get_token.cgi</c>).</summary>
    /// <remarks>Whoever knows the address can fetch the file while it is good: 5 minutes to begin on 1fichier.com.</remarks>
    public async Task<Uri> GetDownloadAddressAsync(string link, string? password = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(link);
        var answer = await _caller.CallAsync(
            V1Paths.DownloadToken, new DownloadTokenRequest { Url = link, Pass = password }, V1Json.Default.DownloadTokenRequest, V1Json.Default.DownloadTokenAnswer,
            repeatable: true, cancellationToken).ConfigureAwait(false);
        if (!Uri.TryCreate(answer.Url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new CoffreException(CoffreError.UnexpectedAnswer, "The service gave no address to download from.");
        }

        _wire.Options.OnSecret?.Invoke(address.PathAndQuery);
        return address;
    }
}
