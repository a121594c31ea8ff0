using System.Net.Http.Headers;
using Coffre.Client.Budget;
using Coffre.Client.Calls;
using Coffre.Client.Native;
using Coffre.Protocol.Api;
using Coffre.Protocol.V1;

namespace Coffre.Client;

/// <summary>What answers at an address.</summary>
public enum ServiceKind
{
    /// <summary>1fichier.com; known by its name, not asked.</summary>
    OneFichier,

    /// <summary>A coffre-server with the native API.</summary>
    Coffre,

    /// <summary>Something that speaks the v1 protocol alone.</summary>
    V1Only,
}

public sealed partial class CoffreClient
{
    /// <summary>Finds out, without showing the key, whether a service of this kind answers at <see cref="BaseAddress"/>.</summary>
    /// <exception cref="CoffreException">
    /// <see cref="CoffreError.UnexpectedAnswer"/>: something else answers there; <see cref="CoffreError.Network"/>: nothing does.
    /// </exception>
    public async Task<ServiceKind> ProbeAsync(CancellationToken cancellationToken = default)
    {
        if (IsOneFichier)
        {
            return ServiceKind.OneFichier;
        }

        try
        {
            await _native.CallAsync(new NativeCall<KeyView>(HttpMethod.Get, ApiPaths.CurrentKey, ApiJson.Default.KeyView) { IsWithKey = false }, cancellationToken).ConfigureAwait(false);
        }
        catch (CoffreException refusal) when (refusal.Ko is not null)
        {
            return ServiceKind.Coffre;
        }
        catch (CoffreException trouble) when (trouble.Error is not (CoffreError.Network or CoffreError.Timeout))
        {
            // Older than the native API, or something else.
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, _wire.Address.Call(V1Paths.FolderLs));
        request.Content = new ByteArrayContent("{}"u8.ToArray());
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var limit = new CallLimit(_wire.Options, cancellationToken);
        using var answer = await _wire.SendAsync(request, new BudgetAsk(V1Paths.FolderLs), withKey: false, BaseAddress.Authority + V1Paths.FolderLs, limit).ConfigureAwait(false);
        var body = await V1Caller.ReadAsync(answer, limit.Token).ConfigureAwait(false);
        return AnswerJudge.IsEnvelope(body.Span)
            ? ServiceKind.V1Only
            : throw new CoffreException(CoffreError.UnexpectedAnswer, $"What answers at {BaseAddress.Authority} is no coffre-server (HTTP {(int)answer.StatusCode}).")
            {
                Advice = "check the address and its port; the key was not sent there",
                Status = answer.StatusCode,
            };
    }
}
