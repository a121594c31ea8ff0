using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Keys;
using Microsoft.Net.Http.Headers;

namespace Coffre.Server.Access;

/// <summary>Turns the key of a request into its caller.</summary>
internal sealed class KeyGate(CatalogStore catalog, KeyTable keys)
{
    private const string Scheme = "Bearer ";

    /// <summary>Whether the request presents a key at all.</summary>
    public static bool HasKey(HttpRequest request) => request.Headers.Authorization.Count > 0;

    public async ValueTask<Outcome<Caller>> AuthenticateAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var header = request.Headers[HeaderNames.Authorization];
        if (header.Count != 1 || header[0] is not { } text || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return new Fault(KoCode.NotAuthenticated);
        }

        var key = text[Scheme.Length..];
        switch (ApiKey.Judge(key))
        {
            case KeyForm.Coffre:
                break;
            case KeyForm.HasBlanks:
                return new Fault(KoCode.KeyHasBlanks);
            case KeyForm.WrongChecksum:
                return new Fault(KoCode.KeyHasTypingError);
            default:
                return new Fault(KoCode.NotAuthenticated);
        }

        var caller = await catalog.ReadAsync(session => keys.FindCaller(session, key), cancellationToken);
        return caller switch
        {
            null => new Fault(KoCode.NotAuthenticated),
            { Suspended: true } => new Fault(KoCode.AccountSuspended),
            _ => caller,
        };
    }
}
