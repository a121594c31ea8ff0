using Coffre.Protocol;

namespace Coffre.Server.Api;

/// <summary>One operation of the native API, as it is served and as the OpenAPI document tells it.</summary>
/// <param name="Method">GET, POST, PATCH, PUT or DELETE.</param>
/// <param name="Path">With <c>{id}</c> for numbers.</param>
/// <param name="Summary">What it does, in one sentence.</param>
internal sealed record ApiRoute(string Method, string Path, string Summary)
{
    /// <summary>The word that generated clients call it by.</summary>
    public required string Name { get; init; }

    /// <summary>Who may ask.</summary>
    public ApiRight Right { get; init; } = ApiRight.Caller;

    /// <summary>What a key must be good for.</summary>
    public KeyScopes Scope { get; init; } = KeyScopes.Account;

    /// <summary>HTTP status of success.</summary>
    public int Success { get; init; } = StatusCodes.Status200OK;

    /// <summary>Whether it takes <c>cursor</c> and <c>limit</c>.</summary>
    public bool IsListing { get; init; }

    /// <summary>What else there is to know.</summary>
    public string? Description { get; init; }
}

internal enum ApiRight
{
    /// <summary>A key that has the scope, or a session.</summary>
    Caller,

    /// <summary>Whoever signed in with a password; no key.</summary>
    Session,

    /// <summary>The same, not longer than a few minutes ago.</summary>
    FreshSession,

    /// <summary>Whoever asks; nothing is presented.</summary>
    Anyone,
}
