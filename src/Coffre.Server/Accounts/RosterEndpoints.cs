using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Server.Api;
using Coffre.Server.Door;

namespace Coffre.Server.Accounts;

/// <summary><c>/api/accounts</c>: the accounts of the server, for owners and admins. See docs/protocol/api.md.</summary>
internal sealed class RosterEndpoints(ApiDoor door, RosterDesk desk, DeletionDesk deletions) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        door.Map(routes, new ApiRoute("GET", ApiPaths.Accounts, "The server's accounts, the oldest first.") { Name = "listAccounts", Scope = KeyScopes.Admin, IsListing = true }, ListAsync);
        door.Map(routes, new ApiRoute("GET", ApiPaths.AccountById, "One account.") { Name = "showOneAccount", Scope = KeyScopes.Admin }, call =>
            OnAccountAsync(call, id => desk.FindAsync(id, call.Cancelled)));
        door.Map<NewAccountRequest, AccountView>(routes, new ApiRoute("POST", ApiPaths.Accounts, "Makes an account.")
        {
            Name = "makeAccount",
            Scope = KeyScopes.Admin,
            Success = StatusCodes.Status201Created,
        }, MakeAsync);
        door.Map<AccountChange, AccountView>(routes, new ApiRoute("PATCH", ApiPaths.AccountById, "Changes an account: role, tier, quota, whether it is suspended.")
        {
            Name = "changeAccount",
            Scope = KeyScopes.Admin,
            Description = "Nobody changes an account of a higher role, or gives a higher one than his own; the last owner stays owner.",
        }, ChangeAsync);
        door.Map(routes, new ApiRoute("GET", ApiPaths.DeletionOf, "What would go if the account were deleted. Nothing is changed.") { Name = "describeDeletionOf", Scope = KeyScopes.Admin }, async call =>
            call.Id is { IsFault: false } id ? (await deletions.StateAsync(id.Value, call.Cancelled)).Map(OwnAccountEndpoints.ToView) : call.Id.Fault!);
        door.Map(routes, new ApiRoute("DELETE", ApiPaths.AccountById, "Deletes an account and all that it holds, for good.") { Name = "deleteOneAccount", Scope = KeyScopes.Admin }, async call =>
            call.Id is { IsFault: false } id ? (await deletions.DeleteAsync(id.Value, By(call), call.Cancelled)).Map(_ => new NextAnswer()) : call.Id.Fault!);
    }

    private async ValueTask<Outcome<Listing<AccountView>>> ListAsync(ApiCall call)
    {
        var page = call.Page;
        if (page.IsFault)
        {
            return page.Fault;
        }

        var found = await desk.ListAsync(page.Value.Cursor, page.Value.Limit + 1, call.Cancelled);
        return page.Value.Cut(found, account => account.Id, ToView);
    }

    private async ValueTask<Outcome<AccountView>> MakeAsync(ApiCall<NewAccountRequest> call)
    {
        var (role, tier) = (ReadRole(call.Request.Role), ReadTier(call.Request.Tier, call.Request.TierUntil));
        if (role.IsFault || tier.IsFault)
        {
            return (role.Fault ?? tier.Fault)!;
        }

        var wish = new AccountWish(call.Request.Email)
        {
            Password = call.Request.Password,
            Role = role.Value ?? Role.Member,
            Subscription = tier.Value,
            QuotaBytes = call.Request.QuotaBytes,
        };
        return (await desk.MakeAsync(wish, By(call), call.Cancelled)).Map(ToView);
    }

    private async ValueTask<Outcome<AccountView>> ChangeAsync(ApiCall<AccountChange> call)
    {
        var (role, tier) = (ReadRole(call.Request.Role), ReadTier(call.Request.Tier, call.Request.TierUntil));
        if (role.IsFault || tier.IsFault)
        {
            return (role.Fault ?? tier.Fault)!;
        }

        var update = new AccountUpdate { Role = role.Value, Subscription = tier.Value, QuotaBytes = call.Request.QuotaBytes, Suspended = call.Request.Suspended };
        return await OnAccountAsync(call, id => desk.ChangeAsync(id, update, By(call), call.Cancelled));
    }

    private static async ValueTask<Outcome<AccountView>> OnAccountAsync(ApiCall call, Func<long, ValueTask<Outcome<Account>>> act)
    {
        var id = call.Id;
        return id.IsFault ? id.Fault : (await act(id.Value)).Map(ToView);
    }

    private static Authority By(ApiCall call) => new(call.Actor, call.Caller.Role);

    private static Outcome<Role?> ReadRole(string? text) => text switch
    {
        null => (Role?)null,
        _ when RoleName.All.Contains(text, StringComparer.Ordinal) => RoleName.Parse(text),
        _ => new Fault(KoCode.BadParameter, $"role is one of {string.Join(", ", RoleName.All)}"),
    };

    private static Outcome<Subscription?> ReadTier(string? text, DateTimeOffset? until) => text switch
    {
        null when until is not null => new Fault(KoCode.BadParameter, "tier_until stands beside tier"),
        null => (Subscription?)null,
        _ when TierName.All.Contains(text, StringComparer.Ordinal) => new Subscription(TierName.Parse(text), until),
        _ => new Fault(KoCode.BadParameter, $"tier is one of {string.Join(", ", TierName.All)}"),
    };

    private static AccountView ToView(Account account) => new()
    {
        Id = account.Id,
        Email = account.Email,
        Role = RoleName.Of(account.Role),
        Tier = TierName.Of(account.Subscription.Tier),
        TierUntil = account.Subscription.Until,
        QuotaBytes = account.QuotaBytes,
        UsedBytes = account.UsedBytes,
        Suspended = account.Suspended,
        CreatedAt = account.CreatedAt,
        HasPassword = account.HasPassword,
        HasTwoStep = account.HasTwoStep,
    };
}
