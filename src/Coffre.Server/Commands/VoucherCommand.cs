using System.CommandLine;
using System.Globalization;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Vouchers;

namespace Coffre.Server.Commands;

/// <summary><c>coffre-server voucher new|list|revoke</c>. Works beside a running server.</summary>
internal static class VoucherCommand
{
    private const int MaxCount = 10_000;
    private const int MaxDays = 36_500;
    private const int ShownLength = 6;

    public static Command Build(TimeProvider clock) =>
        new("voucher", "Makes, lists and revokes vouchers that extend a tier.") { New(clock), List(clock), Revoke(clock) };

    private static Command New(TimeProvider clock)
    {
        var tier = new Option<string>("--tier") { Description = "premium (default), access or gold", DefaultValueFactory = _ => "premium" };
        var days = new Option<int>("--days") { Description = "How long it extends the tier", DefaultValueFactory = _ => 30 };
        var count = new Option<int>("--count") { Description = "How many to make", DefaultValueFactory = _ => 1 };
        var holder = new Option<string?>("--for") { Description = "Account that may list and hand them out (vouchers/ls)" };
        var expires = new Option<int?>("--expires-days") { Description = "Days after which they can no longer be used" };
        var data = CommandLine.Data();
        var command = new Command("new", "Makes vouchers and prints one in each line.") { tier, days, count, holder, expires, data };
        command.SetAction((parsed, token) => CommandLine.RunAsync(async () =>
        {
            var wanted = parsed.GetValue(tier)!;
            if (!TierName.All.Contains(wanted, StringComparer.OrdinalIgnoreCase) || TierName.Parse(wanted) == Tier.Free)
            {
                throw new CommandException($"--tier is premium, access or gold, not '{wanted}'.");
            }

            var (length, number) = (InRange("--days", parsed.GetValue(days), MaxDays), InRange("--count", parsed.GetValue(count), MaxCount));
            var end = parsed.GetValue(expires) is { } left ? clock.GetUtcNow().AddDays(InRange("--expires-days", left, MaxDays)) : (DateTimeOffset?)null;
            await using var folder = DataFolder.Open(CommandLine.Load(parsed.GetValue(data)!, null), clock, mustLock: false);
            var made = await folder.Catalog.WriteAsync(session => Make(session, clock, parsed.GetValue(holder), new Voucher("", TierName.Parse(wanted), length, end, true), number), token);
            made.ForEach(voucher => Console.WriteLine(voucher.Code));
            return 0;
        }));
        return command;
    }

    private static List<Voucher> Make(CatalogSession session, TimeProvider clock, string? holder, Voucher kind, int count)
    {
        long? holderId = null;
        if (holder is not null)
        {
            holderId = new AccountTable(clock).FindByEmail(session, holder)?.Id
                ?? throw new CommandException($"There is no account {holder}. 'account list' shows them.");
        }

        var vouchers = new VoucherTable(clock);
        return [.. Enumerable.Range(0, count).Select(_ => vouchers.Insert(session, holderId, kind.Tier, kind.Days, kind.ExpiresAt))];
    }

    private static Command List(TimeProvider clock)
    {
        var data = CommandLine.Data();
        var command = new Command("list", "Lists the vouchers; of each code only the beginning.") { data };
        command.SetAction((parsed, token) => CommandLine.RunAsync(async () =>
        {
            await using var folder = DataFolder.Open(CommandLine.Load(parsed.GetValue(data)!, null), clock, mustLock: false);
            foreach (var voucher in await folder.Catalog.ReadAsync(new VoucherTable(clock).List, token))
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{voucher.Code[..ShownLength]}…  {voucher.Service,-20} {(voucher.IsOpen ? "open" : "used, revoked or expired")}{(voucher.ExpiresAt is { } end ? $", use until {end:yyyy-MM-dd HH:mm}" : "")}"));
            }

            return 0;
        }));
        return command;
    }

    private static Command Revoke(TimeProvider clock)
    {
        var code = new Argument<string>("code") { Description = $"The code, or its first {ShownLength} characters or more" };
        var data = CommandLine.Data();
        var command = new Command("revoke", "Ends vouchers that were not used yet.") { code, data };
        command.SetAction((parsed, token) => CommandLine.RunAsync(async () =>
        {
            var prefix = parsed.GetValue(code)!.Trim().TrimEnd('…');
            if (prefix.Length < ShownLength)
            {
                throw new CommandException($"Name at least {ShownLength} characters of the code.");
            }

            await using var folder = DataFolder.Open(CommandLine.Load(parsed.GetValue(data)!, null), clock, mustLock: false);
            var revoked = await folder.Catalog.WriteAsync(session => new VoucherTable(clock).Revoke(session, prefix), token);
            Console.WriteLine(revoked > 0
                ? $"Revoked {revoked}."
                : throw new CommandException("No open voucher begins so. 'voucher list' shows them."));
            return 0;
        }));
        return command;
    }

    private static int InRange(string option, int value, int max) =>
        value >= 1 && value <= max ? value : throw new CommandException($"{option} is 1 to {max}, not {value}.");
}
