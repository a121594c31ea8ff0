using Coffre.Protocol.V1;

namespace Coffre.Client;

public sealed partial class CoffreClient
{
    /// <summary>Who owns the key, and how full the account is (<c>user/info.cgi</c>).</summary>
    /// <remarks>
    /// 1fichier.com allows this once a minute per address and once in five minutes per account, and locks the caller
    /// otherwise: keep the answer. To see whether a key works, list the root folder instead.
    /// </remarks>
    public async Task<AccountInfo> GetAccountAsync(CancellationToken cancellationToken = default)
    {
        var answer = await _caller.CallAsync(
            V1Paths.UserInfo, new UserInfoRequest(), V1Json.Default.UserInfoRequest, V1Json.Default.UserInfoAnswer,
            repeatable: true, cancellationToken).ConfigureAwait(false);
        return AccountInfo.From(answer);
    }
}
