using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Keys;
using Coffre.Server.Settings;
using Microsoft.Net.Http.Headers;

namespace Coffre.Server.Access;

/// <summary>Turns the key of a request into its caller.</summary>
internal sealed class KeyGate(CatalogStore catalog, KeyTable keys, ServerSettings settings)
{
    private const string Scheme = "Bearer ";

    // 1 January 2020: it was never a good idea (RFC 9745 wants a date).
    private const string DeprecatedSince = "@1577836800";

    private static readonly string[] QueryNames = ["api_key", "apikey"];
    private readonly bool _inUrl = settings.Flag(AccessSettings.KeyInUrl);

    /// <summary>Whether the request presents a key, or something else in its place.</summary>
    public static bool HasKey(HttpRequest request) => request.Headers.Authorization.Count > 0 || FromQuery(request) is not null;

    public async ValueTask<Outcome<Caller>> AuthenticateAsync(HttpContext http, CancellationToken cancellationToken)
    {
        var presented = Find(http);
        if (presented.IsFault)
        {
            return presented.Fault;
        }

        var key = presented.Value;
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

    private Outcome<string> Find(HttpContext http)
    {
        var header = http.Request.Headers[HeaderNames.Authorization];
        if (header.Count == 0 && FromQuery(http.Request) is { } key)
        {
            http.Response.Headers["Deprecation"] = DeprecatedSince;
            return _inUrl ? key : new Fault(KoCode.NotAuthenticated, "not in the URL, which is written down on the way: send the header Authorization: Bearer KEY");
        }

        return header is [{ } text] && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? text[Scheme.Length..]
            : new Fault(KoCode.NotAuthenticated);
    }

    private static string? FromQuery(HttpRequest request) =>
        QueryNames.Select(name => request.Query[name].ToString()).FirstOrDefault(value => value.Length > 0);
}
