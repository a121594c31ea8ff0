using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Transfers;

/// <summary>Refuses a large file before its bytes are sent for nothing. Asked for once in a run, and never waited for.</summary>
internal sealed class RoomCheck(Account account)
{
    // Smaller ones are sent sooner than asked after.
    private const long Large = 64 * 1024 * 1024;

    private readonly Lock _gate = new();
    private Task<AccountInfo?>? _asked;

    /// <exception cref="CoffreException"><see cref="CoffreError.QuotaExceeded"/>.</exception>
    public async ValueTask MustFitAsync(long size, CancellationToken cancellationToken)
    {
        if (size < Large || await AskAsync(cancellationToken) is not { } info)
        {
            return;
        }

        if (info.IsUploadForbidden || info.IsOverQuota)
        {
            throw new CoffreException(CoffreError.QuotaExceeded, "The account is full: uploads are refused for now. Nothing was sent.");
        }

        // 1fichier.com counts what lies cold against its quota: what arrives is hot.
        if (!account.Client.IsOneFichier && info.Free is { } free && size > free)
        {
            throw new CoffreException(CoffreError.QuotaExceeded, $"The file has {TextStyle.Human(size)}, and {TextStyle.Human(free)} are free. Nothing was sent.");
        }
    }

    private Task<AccountInfo?> AskAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _asked ??= FindAsync(cancellationToken);
        }
    }

    private async Task<AccountInfo?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await account.Client.FindAccountAsync(cancellationToken);
        }
        catch (CoffreException)
        {
            // The upload itself will tell.
            return null;
        }
    }
}
