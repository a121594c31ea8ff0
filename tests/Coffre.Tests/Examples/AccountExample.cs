using Coffre.Client;

namespace Backups;

internal static class AccountExample
{
    /// <summary>Whether so many bytes will fit. The service is asked who it is before it sees the key.</summary>
    public static async Task<bool> HasRoomAsync(CoffreClient client, long bytes, CancellationToken cancellationToken)
    {
        try
        {
            var kind = await client.ProbeAsync(cancellationToken);

            // 1fichier.com locks whoever asks this more often than once in five minutes: keep the answer.
            var account = await client.GetAccountAsync(cancellationToken);
            return kind != ServiceKind.OneFichier ? account.Free is null || account.Free >= bytes : !account.IsUploadForbidden;
        }
        catch (CoffreException trouble) when (!ErrorBook.IsTransient(trouble.Error))
        {
            // The name of an error is stable, good for logs and scripts; trouble.Code and trouble.Advice are the same as these.
            throw new InvalidOperationException($"{ErrorBook.NameOf(trouble.Error)}: {ErrorBook.AdviceFor(trouble.Error)}", trouble);
        }
    }
}
