using Coffre.Server.Door;

namespace Coffre.Server.Vouchers;

/// <summary>What this room consists of.</summary>
internal static class VouchersRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<VoucherTable>().AddSingleton<VoucherDesk>().AddEndpoints<VoucherEndpoints>();
}
