using Coffre.Client.Budget;
using Coffre.Client.Native;
using Coffre.Protocol.Api;
using Coffre.Protocol.V1;

namespace Coffre.Client;

public sealed partial class CoffreClient
{
    /// <summary>Who owns the key, and how full the account is (<c>user/info.cgi</c>).</summary>
    /// <remarks>
    /// 1fichier.com allows this once a minute per address and once in five minutes per account, and locks the caller
    /// otherwise: see <see cref="GetKeptAccountAsync"/>. To see whether a key works, list the root folder instead.
    /// </remarks>
    public async Task<AccountInfo> GetAccountAsync(CancellationToken cancellationToken = default)
    {
        var answer = await _caller.CallAsync(
            V1Paths.UserInfo, new UserInfoRequest(), V1Json.Default.UserInfoRequest, V1Json.Default.UserInfoAnswer,
            repeatable: true, cancellationToken).ConfigureAwait(false);
        var now = Time.GetUtcNow();
        KeptAccount.Write(StateFolder, Identity, now, answer);
        return AccountInfo.From(answer) with { AskedAt = now };
    }

    /// <summary>The same, without waiting: null where the service allows no question now and no answer of the last minutes is kept.</summary>
    public async Task<AccountInfo?> FindAccountAsync(CancellationToken cancellationToken = default) =>
        await FindKeptAsync(cancellationToken).ConfigureAwait(false) is { } kept ? kept
        : await _wire.Budget.IsFreeAsync(new BudgetAsk(V1Paths.UserInfo), cancellationToken).ConfigureAwait(false)
            ? await GetAccountAsync(cancellationToken).ConfigureAwait(false) : null;

    /// <summary>The same; where the service answers only once in a while, its last answer as long as it would give no other.</summary>
    /// <remarks>Kept in <see cref="CoffreClientOptions.StateFolder"/>; without one it is always asked. <see cref="AccountInfo.AskedAt"/> tells the age.</remarks>
    public async Task<AccountInfo> GetKeptAccountAsync(CancellationToken cancellationToken = default) =>
        await FindKeptAsync(cancellationToken).ConfigureAwait(false) ?? await GetAccountAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Says that another key opens the same account: index, budget and all else that is remembered go on under it.</summary>
    /// <param name="newKey">The key that takes over. It must see the same root.</param>
    public void CarryStateTo(string newKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(newKey);
        AccountIdentity.Carry(StateFolder, BaseAddress, ApiKey, newKey);
    }

    /// <summary>Goes on with what is remembered under an earlier key, if that still works and opens the same account with the same root.</summary>
    /// <param name="earlierKey">The key that this one takes the place of.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether it is the same account. On 1fichier.com, which does not tell, always false.</returns>
    public async Task<bool> TakeStateOverAsync(string earlierKey, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(earlierKey);
        if (IsOneFichier || StateFolder is null || string.Equals(earlierKey, ApiKey, StringComparison.Ordinal))
        {
            return false;
        }

        try
        {
            using var earlier = new CoffreClient(_wire.Options with { ApiKey = earlierKey, Retries = 0 });
            if (await earlier.WhoAsync(cancellationToken).ConfigureAwait(false) != await WhoAsync(cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            earlier.CarryStateTo(ApiKey!);
            return true;
        }
        catch (CoffreException)
        {
            // Nothing is lost but time.
            return false;
        }
    }

    private async ValueTask<AccountInfo?> FindKeptAsync(CancellationToken cancellationToken)
    {
        var isDear = await _wire.Budget.RestOfFoldersAsync(cancellationToken).ConfigureAwait(false) > TimeSpan.Zero;
        var now = Time.GetUtcNow();
        return isDear && KeptAccount.Read(StateFolder, Identity) is { } kept && kept.AskedAt <= now
            && kept.AskedAt > now - TimeSpan.FromSeconds(ServiceFacts.Known.Published.InfoAccountSeconds)
            ? kept.ToInfo() : null;
    }

    private async Task<(long Account, long Root)> WhoAsync(CancellationToken cancellationToken)
    {
        var key = await Keys.GetCurrentAsync(cancellationToken).ConfigureAwait(false);
        var account = await _native.CallAsync(
            new NativeCall<OwnAccountView>(HttpMethod.Get, ApiPaths.OwnAccount, ApiJson.Default.OwnAccountView), cancellationToken).ConfigureAwait(false);
        return (account.Id, key.RootFolderId);
    }
}
