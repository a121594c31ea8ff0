using System.CommandLine;
using System.Globalization;
using Coffre.Server.Accounts;
using Coffre.Server.Settings;

namespace Coffre.Server.Commands;

/// <summary><c>coffre-server account add|list|set|password</c>. Works beside a running server.</summary>
internal static class AccountCommand
{
    public static Command Build(TimeProvider clock) =>
        new("account", "Adds, lists and changes accounts.") { Add(clock), List(clock), Change(clock), PasswordCommand.Build(clock) };

    private static Command Add(TimeProvider clock)
    {
        var email = new Argument<string>("email") { Description = "Its e-mail address" };
        var (tier, until, quota, data) = (TierOption(), UntilOption(), QuotaOption(), CommandLine.Data());
        var command = new Command("add", "Adds an account. 'key new' then makes its API key.") { email, tier, until, quota, data };
        command.SetAction((parsed, token) => CommandLine.RunAsync(() => WithAccountsAsync(parsed.GetValue(data)!, clock, async (folder, settings, accounts) =>
        {
            var address = parsed.GetValue(email)!.Trim();
            if (!address.Contains('@', StringComparison.Ordinal) || address.Length > 254 || address.Any(char.IsWhiteSpace))
            {
                throw new CommandException($"'{address}' is not an e-mail address.");
            }

            var subscription = new Subscription(TierOf(parsed.GetValue(tier)) ?? Tier.Premium, UntilOf(parsed.GetValue(until)));
            var bytes = Quota(parsed.GetValue(quota)) ?? settings.Bytes(AccountSettings.DefaultQuota);
            var added = await folder.Catalog.WriteAsync(
                session =>
                {
                    if (accounts.FindByEmail(session, address) is not null)
                    {
                        return false;
                    }

                    var id = accounts.Insert(session, address, subscription.Tier, bytes);
                    accounts.Subscribe(session, id, subscription);
                    return true;
                },
                token);
            if (!added)
            {
                throw new CommandException($"There is an account {address} already. 'account set' changes it.");
            }

            Console.WriteLine($"Added {address}. Make a key for it: coffre-server key new {address}");
        })));
        return command;
    }

    private static Command List(TimeProvider clock)
    {
        var data = CommandLine.Data();
        var command = new Command("list", "Lists the accounts.") { data };
        command.SetAction((parsed, token) => CommandLine.RunAsync(() => WithAccountsAsync(parsed.GetValue(data)!, clock, async (folder, _, accounts) =>
        {
            foreach (var account in await folder.Catalog.ReadAsync(accounts.List, token))
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{account.Email,-32} {TierName.Of(account.Subscription.Tier),-8} {account.Subscription.Until,-16:yyyy-MM-dd HH:mm} {ByteCount.Format(account.UsedBytes),10} of {ByteCount.Format(account.QuotaBytes),-10} {(account.Role == Role.Member ? "" : RoleName.Of(account.Role) + " ")}{(account.Suspended ? "suspended" : "")}").TrimEnd());
            }
        })));
        return command;
    }

    private static Command Change(TimeProvider clock)
    {
        var email = new Argument<string>("email") { Description = "Its e-mail address" };
        var (tier, until, quota, data) = (TierOption(), UntilOption(), QuotaOption(), CommandLine.Data());
        var suspended = new Option<bool?>("--suspended") { Description = "true refuses its keys, false takes them again" };
        var role = new Option<string?>("--role") { Description = "member, admin or owner: what its keys may do beyond its own files" };
        var command = new Command("set", "Changes an account.") { email, tier, until, quota, suspended, role, data };
        command.SetAction((parsed, token) => CommandLine.RunAsync(() => WithAccountsAsync(parsed.GetValue(data)!, clock, async (folder, _, accounts) =>
        {
            var (newTier, newUntil, bytes) = (TierOf(parsed.GetValue(tier)), UntilOf(parsed.GetValue(until)), Quota(parsed.GetValue(quota)));
            var newRole = RoleOf(parsed.GetValue(role));
            var changed = await folder.Catalog.WriteAsync(
                session =>
                {
                    if (accounts.FindByEmail(session, parsed.GetValue(email)!) is not { } account)
                    {
                        return false;
                    }

                    accounts.Update(session, account.Id, bytes ?? account.QuotaBytes, parsed.GetValue(suspended) ?? account.Suspended);
                    accounts.Subscribe(session, account.Id, new Subscription(
                        newTier ?? account.Subscription.Tier, parsed.GetValue(until) is null ? account.Subscription.Until : newUntil));
                    accounts.SetRole(session, account.Id, newRole ?? account.Role);
                    return true;
                },
                token);
            if (!changed)
            {
                throw new CommandException($"There is no account {parsed.GetValue(email)}. 'account list' shows them.");
            }

            Console.WriteLine($"Changed {parsed.GetValue(email)}.");
        })));
        return command;
    }

    private static Option<string?> TierOption() => new("--tier") { Description = "free, premium (default), access or gold" };

    private static Option<string?> UntilOption() => new("--until") { Description = "Last day of the tier (UTC), e.g. 2027-01-31, or 'never' (default); then it is free" };

    private static Option<string?> QuotaOption() => new("--quota") { Description = "Bytes that it may keep, e.g. 500GB" };

    private static Tier? TierOf(string? text) => text switch
    {
        null => null,
        _ when TierName.All.Contains(text, StringComparer.OrdinalIgnoreCase) => TierName.Parse(text),
        _ => throw new CommandException($"--tier is one of {string.Join(", ", TierName.All)}, not '{text}'."),
    };

    private static Role? RoleOf(string? text) => text switch
    {
        null => null,
        _ when RoleName.All.Contains(text, StringComparer.OrdinalIgnoreCase) => RoleName.Parse(text),
        _ => throw new CommandException($"--role is one of {string.Join(", ", RoleName.All)}, not '{text}'."),
    };

    /// <summary>The first moment after the last day.</summary>
    private static DateTimeOffset? UntilOf(string? text) => text switch
    {
        null or "never" => null,
        _ when DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) =>
            new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero),
        _ => throw new CommandException($"--until is a day such as 2027-01-31, or never, not '{text}'."),
    };

    private static long? Quota(string? text) => text switch
    {
        null => null,
        _ when ByteCount.TryParse(text, out var bytes) => bytes,
        _ => throw new CommandException($"--quota is a size such as 500GB, not '{text}'."),
    };

    private static async Task<int> WithAccountsAsync(
        string dataFolder, TimeProvider clock, Func<DataFolder, ServerSettings, AccountTable, Task> work)
    {
        var settings = CommandLine.Load(dataFolder, null);
        await using var folder = DataFolder.Open(settings, clock, mustLock: false);
        await work(folder, settings, new AccountTable(clock));
        return 0;
    }
}
