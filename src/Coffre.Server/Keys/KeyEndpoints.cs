using System.Net;
using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Server.Access;
using Coffre.Server.Api;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Limits;
using Coffre.Server.Settings;

namespace Coffre.Server.Keys;

/// <summary><c>/api/keys</c>: the account's keys, and the way in which whoever holds one may end it. See docs/protocol/api.md.</summary>
internal sealed class KeyEndpoints(
    ApiDoor door, KeyDesk desk, CatalogStore catalog, KeyTable keys, ServerSettings settings, TimeProvider clock) : IEndpoints
{
    private readonly FailureBudget _strangers = new(
        settings.Int(KeySettings.FailuresByAddress), settings.Seconds(KeySettings.FailureSeconds), settings.Int(LimitSettings.Tracked), clock);

    public void Map(IEndpointRouteBuilder routes)
    {
        door.Map(routes, new ApiRoute("GET", ApiPaths.Keys, "The account's keys, the newest first.") { Name = "listKeys", IsListing = true }, ListAsync);
        door.Map<NewKeyRequest, NewKeyAnswer>(routes, new ApiRoute("POST", ApiPaths.Keys, "Makes a key that may do no more than who asks for it.")
        {
            Name = "makeKey",
            Success = StatusCodes.Status201Created,
        }, MakeAsync);
        door.Map(routes, new ApiRoute("GET", ApiPaths.CurrentKey, "The key that asks.") { Name = "showCurrentKey", Scope = KeyScopes.None }, ShowCurrentAsync);
        door.Map(routes, new ApiRoute("GET", ApiPaths.KeyById, "One key.") { Name = "showKey" }, call => OnKeyAsync(call, (id, token) => desk.FindAsync(call.Caller.AccountId, id, token)));
        door.Map<KeyChange, KeyView>(routes, new ApiRoute("PATCH", ApiPaths.KeyById, "Renames a key.") { Name = "renameKey" }, call =>
            OnKeyAsync(call, (id, token) => desk.RenameAsync(call.Caller.AccountId, id, call.Request.Name, call.Actor, token)));
        door.Map(routes, new ApiRoute("DELETE", ApiPaths.KeyById, "Ends a key now, and what waits to take over from it.") { Name = "revokeKey" }, call =>
            OnKeyAsync(call, (id, token) => desk.RevokeAsync(call.Caller.AccountId, id, call.Actor, token)));
        door.Map(routes, new ApiRoute("POST", ApiPaths.Regenerate, "Ends a key now and makes another in its place.")
        {
            Name = "regenerateKey",
            Success = StatusCodes.Status201Created,
        }, call => ReplaceAsync(call, grace: null));
        door.Map<RotateRequest, NewKeyAnswer>(routes, new ApiRoute("POST", ApiPaths.Rotate, "Makes a key that takes over from another at its first use.")
        {
            Name = "rotateKey",
            Success = StatusCodes.Status201Created,
            Description = "The old key lives on for grace_seconds after the first use of the new one. DELETE ends it sooner.",
        }, RotateAsync);
        door.Map<RevokeKeysRequest, RevokeKeysAnswer>(routes, new ApiRoute("POST", ApiPaths.RevokeKeys, "Ends the keys in the body: whoever holds a key may end it.")
        {
            Name = "revokeHeldKeys",
            Right = ApiRight.Anyone,
            Description = "For whoever finds keys where they should not be. What is no live key counts as nothing. The owner is told by mail.",
        }, RevokeHeldAsync);
    }

    private async ValueTask<Outcome<Listing<KeyView>>> ListAsync(ApiCall call)
    {
        var page = call.Page;
        if (page.IsFault)
        {
            return page.Fault;
        }

        var found = await desk.ListAsync(call.Caller.AccountId, page.Value.Cursor, page.Value.Limit + 1, call.Cancelled);
        return page.Value.Cut(found, key => key.Id, ToView);
    }

    private async ValueTask<Outcome<KeyView>> ShowCurrentAsync(ApiCall call) =>
        (await desk.FindAsync(call.Caller.AccountId, call.Caller.KeyId, call.Cancelled)).Map(ToView);

    private async ValueTask<Outcome<NewKeyAnswer>> MakeAsync(ApiCall<NewKeyRequest> call)
    {
        var wish = Read(call.Request, call.Caller.Rights);
        return wish.IsFault
            ? wish.Fault
            : (await desk.MakeAsync(call.Caller.AccountId, await AskingAsync(call), wish.Value, call.Cancelled)).Map(issued => KeyViews.ToAnswer(issued, clock.GetUtcNow()));
    }

    private ValueTask<Outcome<NewKeyAnswer>> RotateAsync(ApiCall<RotateRequest> call)
    {
        var seconds = call.Request.GraceSeconds ?? (long)KeyDesk.DefaultGrace.TotalSeconds;
        return seconds < 0 || seconds > KeyDesk.MaxGrace.TotalSeconds
            ? ValueTask.FromResult<Outcome<NewKeyAnswer>>(new Fault(KoCode.BadParameter, $"grace_seconds is 0 to {KeyDesk.MaxGrace.TotalSeconds:0}"))
            : ReplaceAsync(call, TimeSpan.FromSeconds(seconds));
    }

    private async ValueTask<Outcome<NewKeyAnswer>> ReplaceAsync(ApiCall call, TimeSpan? grace)
    {
        var id = IdOf(call);
        return id.IsFault
            ? id.Fault
            : (await desk.ReplaceAsync(call.Caller.AccountId, await AskingAsync(call), id.Value, grace, call.Cancelled)).Map(issued => KeyViews.ToAnswer(issued, clock.GetUtcNow()));
    }

    private async ValueTask<Outcome<RevokeKeysAnswer>> RevokeHeldAsync(ApiCall<RevokeKeysRequest> call)
    {
        if (call.Request.Keys is not { Count: >= 1 and <= RevokeKeysRequest.MaxKeys } texts || texts.Any(text => text is null))
        {
            return new Fault(KoCode.BadParameter, $"keys has 1 to {RevokeKeysRequest.MaxKeys} of them");
        }

        var here = Subject.Of(call.Http.Connection.RemoteIpAddress);
        if (_strangers.Wait(here) is { } wait)
        {
            return new Fault(KoCode.TooManyRequests) { RetryAfter = wait };
        }

        var (revoked, others) = await desk.RevokeHeldAsync(texts, call.Actor, call.Cancelled);
        for (; others > 0; others--)
        {
            _strangers.Count(here);
        }

        return new RevokeKeysAnswer { Revoked = revoked };
    }

    private async ValueTask<Outcome<KeyView>> OnKeyAsync(ApiCall call, Func<long, CancellationToken, ValueTask<Outcome<KeyRow>>> act)
    {
        var id = IdOf(call);
        return id.IsFault ? id.Fault : (await act(id.Value, call.Cancelled)).Map(ToView);
    }

    /// <summary>The key that the path names: by number, or the one that asks.</summary>
    private static Outcome<long> IdOf(ApiCall call) =>
        Equals(call.Http.Request.RouteValues["id"], ApiPaths.Current) && call.Caller.KeyId != 0 ? call.Caller.KeyId : call.Id;

    /// <summary>What the caller may do now, which bounds what it may make.</summary>
    private async ValueTask<Asking> AskingAsync(ApiCall call)
    {
        var caller = call.Caller;
        var end = await catalog.ReadAsync(session => keys.Find(session, caller.AccountId, caller.KeyId)?.ExpiresAt, call.Cancelled);
        return new Asking(call.Actor, new KeyBounds(caller.Rights, end));
    }

    private static Outcome<KeyWish> Read(NewKeyRequest request, KeyRights own)
    {
        if (!TryRead(request, own, out var scopes, out var unknown))
        {
            return new Fault(KoCode.BadParameter, $"scopes are some of {string.Join(", ", KeyScopeNames.All)}, not '{unknown}'");
        }

        var networks = new List<IPNetwork>();
        foreach (var text in request.Networks ?? [])
        {
            if (!IPNetwork.TryParse(text, out var network))
            {
                return new Fault(KoCode.BadParameter, "networks are in CIDR form, such as 192.0.2.0/24 or 2001:db8::/32");
            }

            networks.Add(network);
        }

        return new KeyWish(request.Name)
        {
            Scopes = scopes,
            RootFolderId = request.RootFolderId is { } root && root != own.RootId ? root : own.RootId == 0 ? null : own.RootId,
            Networks = networks,
            CallsPerSecond = request.CallsPerSecond,
            ExpiresAt = request.ExpiresAt,
        };
    }

    /// <summary>The scopes that are asked for; none named: all that the caller has, cut to what fits a root folder if there is one.</summary>
    private static bool TryRead(NewKeyRequest request, KeyRights own, out KeyScopes scopes, out string? unknown)
    {
        if (request.Scopes is not null)
        {
            return KeyScopeNames.TryParse(request.Scopes, out scopes, out unknown);
        }

        scopes = request.RootFolderId is null ? own.Scopes : own.Scopes & KeyScopes.Files;
        unknown = null;
        return true;
    }

    private KeyView ToView(KeyRow key) => KeyViews.ToView(key, clock.GetUtcNow());
}
