using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Limits;

namespace Coffre.Server.Downloads;

/// <summary><c>download/get_token.cgi</c>. See docs/protocol/download.md.</summary>
internal sealed class TokenEndpoints(V1Door door, LinkResolver resolver, DownloadTokens tokens, Locations locations, AccountDesk accounts, PublicAddress address) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes) =>
        door.Map(routes, V1Paths.DownloadToken, KeyScopes.Read, V1Json.Default.DownloadTokenRequest, V1Json.Default.DownloadTokenAnswer, IssueAsync);

    private async ValueTask<Outcome<DownloadTokenAnswer>> IssueAsync(V1Call<DownloadTokenRequest> call)
    {
        var file = await resolver.ResolveAsync(FileEndpoints.AddressOf(call.Request), call.Asker, call.Cancelled);
        if (file.IsFault)
        {
            return file.Fault;
        }

        if (locations.Take(call.Caller.AccountId, call.Http.Connection.RemoteIpAddress) is { } elsewhere)
        {
            return elsewhere;
        }

        var inline = call.Request.Inline == 1 || call.Request.Url?.Contains("&inline=1", StringComparison.Ordinal) == true;
        return new DownloadTokenAnswer { Status = V1Answer.Ok, Url = UrlOf(call.Http.Request, file.Value, inline, call.Caller, await IsPlainAsync(call)) };
    }

    /// <summary>Whether the caller wants its download without TLS: now, or always.</summary>
    private async ValueTask<bool> IsPlainAsync(V1Call<DownloadTokenRequest> call) =>
        address.HasPlain && (call.Request.NoSsl ?? (await accounts.PreferencesAsync(call.Caller.AccountId, call.Cancelled)).DefaultPort) == 1;

    /// <summary>The address that the bytes come from.</summary>
    public string UrlOf(HttpRequest request, FoundFile found, bool inline, Caller? issuer, bool isPlain = false) =>
        $"{address.Base(request, isPlain)}/p{tokens.Issue(found.File, inline, isMember: found.Grant is not null, issuer?.Key)}{(inline ? "?inline" : "")}";
}
