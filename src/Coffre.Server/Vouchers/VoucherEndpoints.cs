using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Audit;
using Coffre.Server.Door;

namespace Coffre.Server.Vouchers;

/// <summary><c>vouchers/ls.cgi</c>, <c>check.cgi</c>, <c>use.cgi</c>. See docs/protocol/vouchers.md.</summary>
internal sealed class VoucherEndpoints(V1Door door, VoucherDesk desk) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        door.Map(routes, V1Paths.VoucherLs, KeyScopes.Account, V1Json.Default.EmptyRequest, V1Json.Default.VoucherLsAnswer, ListAsync);
        door.Map(routes, V1Paths.VoucherCheck, KeyScopes.Account, V1Json.Default.VoucherCheckRequest, V1Json.Default.VoucherCheckAnswer, CheckAsync);
        door.Map(routes, V1Paths.VoucherUse, KeyScopes.Account, V1Json.Default.VoucherUseRequest, V1Json.Default.V1Answer, UseAsync);
    }

    private async ValueTask<Outcome<VoucherLsAnswer>> ListAsync(V1Call<EmptyRequest> call)
    {
        var vouchers = await desk.ListAsync(call.Caller, call.Cancelled);
        return new VoucherLsAnswer
        {
            Status = V1Answer.Ok,
            Count = vouchers.Count,
            Data = [.. vouchers.Select(voucher => new VoucherItem { Voucher = voucher.Code, Service = voucher.Service })],
        };
    }

    private async ValueTask<Outcome<VoucherCheckAnswer>> CheckAsync(V1Call<VoucherCheckRequest> call)
    {
        var found = await desk.CheckAsync(call.Request.Voucher, call.Cancelled);
        return found.Map(voucher => new VoucherCheckAnswer { Status = V1Answer.Ok, Service = voucher.Service });
    }

    private async ValueTask<Outcome<V1Answer>> UseAsync(V1Call<VoucherUseRequest> call)
    {
        var used = await desk.UseAsync(call.Caller, call.Request.Voucher, call.Request.UserEmail, Actor.Of(call.Http, call.Caller), call.Cancelled);
        return used.Map(subscription => new V1Answer { Status = V1Answer.Ok, Message = $"{subscription.Tier} until {ParisTime.Format(subscription.Until!.Value)}" });
    }
}
