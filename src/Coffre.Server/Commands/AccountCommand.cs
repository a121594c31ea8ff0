using System.CommandLine;
using System.Globalization;
using Coffre.Server.Accounts;
using Coffre.Server.Audit;
using Coffre.Server.Settings;
using Coffre.Server.SignUps;

namespace Coffre.Server.Commands;

/// <summary><c>coffre-server account add|list|set|rename|password|totp-reset|invite|delete</c>. Works beside a running server.</summary>
internal static class AccountCommand
{
    private const int MaxListed = 1_000_000;

    public static Command Build(TimeProvider clock) => new("account", "Adds, lists, changes and deletes accounts.")
    {
        Add(clock), List(clock), Change(clock), Rename(clock), PasswordCommand.Build(clock), DropTwoStep(clock), Invite(clock), DeleteAccountCommand.Build(clock),
    };

    private static Command Add(TimeProvider clock)
    {
        var email = Email();
        var (tier, until, quota, role, data) = (TierOption(), UntilOption(), QuotaOption(), RoleOption(), CommandLine.Data());
        var command = new Command("add", "Adds an account. 'key new' then makes its API key, 'account password' gives it a password.") { email, tier, until, quota, role, data };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(data)!, clock, async rooms =>
        {
            var wish = new AccountWish(parsed.GetValue(email))
            {
                Subscription = new Subscription(TierOf(parsed.GetValue(tier)) ?? Tier.Premium, UntilOf(parsed.GetValue(until))),
                QuotaBytes = Quota(parsed.GetValue(quota)),
                Role = RoleOf(parsed.GetValue(role)) ?? Role.Member,
            };
            var made = CommandLine.Take(await rooms.Get<RosterDesk>().MakeAsync(wish, Authority.Operator, token));
            Console.WriteLine($"Added {made.Email}. Make a key for it: coffre-server key new {made.Email}");
        }));
        return command;
    }

    private static Command List(TimeProvider clock)
    {
        var data = CommandLine.Data();
        var command = new Command("list", "Lists the accounts.") { data };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(data)!, clock, async rooms =>
        {
            foreach (var account in await rooms.Get<RosterDesk>().ListAsync(after: null, MaxListed, token))
            {
                var ways = $"{(account.HasPassword ? "password " : "")}{(account.HasTwoStep ? "two-step " : "")}";
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{account.Email,-32} {TierName.Of(account.Subscription.Tier),-8} {account.Subscription.Until,-16:yyyy-MM-dd HH:mm} {ByteCount.Format(account.UsedBytes),10} of {ByteCount.Format(account.QuotaBytes),-10} {(account.Role == Role.Member ? "" : RoleName.Of(account.Role) + " ")}{ways}{(account.Suspended ? "suspended" : "")}").TrimEnd());
            }
        }));
        return command;
    }

    private static Command Change(TimeProvider clock)
    {
        var email = Email();
        var (tier, until, quota, role, data) = (TierOption(), UntilOption(), QuotaOption(), RoleOption(), CommandLine.Data());
        var suspended = new Option<bool?>("--suspended") { Description = "true refuses its keys and sessions, false takes them again" };
        var command = new Command("set", "Changes an account.") { email, tier, until, quota, suspended, role, data };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(data)!, clock, async rooms =>
        {
            // What is typed wrongly is told first.
            var (newTier, newUntil) = (TierOf(parsed.GetValue(tier)), UntilOf(parsed.GetValue(until)));
            var (newRole, newQuota) = (RoleOf(parsed.GetValue(role)), Quota(parsed.GetValue(quota)));
            var account = await rooms.GetAccountAsync(parsed.GetValue(email)!);
            var update = new AccountUpdate
            {
                Role = newRole,
                Subscription = newTier is null && parsed.GetValue(until) is null
                    ? null
                    : new Subscription(newTier ?? account.Subscription.Tier, parsed.GetValue(until) is null ? account.Subscription.Until : newUntil),
                QuotaBytes = newQuota,
                Suspended = parsed.GetValue(suspended),
            };
            CommandLine.Take(await rooms.Get<RosterDesk>().ChangeAsync(account.Id, update, Authority.Operator, token));
            Console.WriteLine($"Changed {account.Email}.");
        }));
        return command;
    }

    private static Command Rename(TimeProvider clock)
    {
        var (email, name, data) = (Email(), new Argument<string>("new-email") { Description = "What it is from now on" }, CommandLine.Data());
        var command = new Command("rename", "Gives an account another e-mail address, at once.") { email, name, data };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(data)!, clock, async rooms =>
        {
            var account = await rooms.GetAccountAsync(parsed.GetValue(email)!);
            CommandLine.Take(await rooms.Get<EmailDesk>().ChangeByOperatorAsync(account.Id, parsed.GetValue(name)!, token));
            Console.WriteLine($"{account.Email} is {parsed.GetValue(name)!.Trim()} from now on.");
        }));
        return command;
    }

    private static Command DropTwoStep(TimeProvider clock)
    {
        var (email, data) = (Email(), CommandLine.Data());
        var command = new Command("totp-reset", "Turns sign-in in two steps off for somebody who lost the app and the recovery codes.") { email, data };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(data)!, clock, async rooms =>
        {
            var account = await rooms.GetAccountAsync(parsed.GetValue(email)!);
            CommandLine.Take(await rooms.Get<RosterDesk>().DropTwoStepAsync(account.Id, token));
            Console.WriteLine($"{account.Email} signs in by password alone from now on. Its sessions were ended.");
        }));
        return command;
    }

    private static Command Invite(TimeProvider clock)
    {
        var email = new Argument<string?>("email") { Description = "Whom it is for (default: whoever has it)", DefaultValueFactory = _ => null };
        var days = new Option<int>("--days") { Description = "How long it is good for, 1 to 90", DefaultValueFactory = _ => InvitationDesk.DefaultDays };
        var data = CommandLine.Data();
        var command = new Command("invite", "Makes an invitation to sign up and prints it, this once.") { email, days, data };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(data)!, clock, async rooms =>
        {
            if (rooms.Get<SignUpDesk>().Mode == SignUpSettings.Off)
            {
                await Console.Error.WriteLineAsync($"Nobody can use it while {SignUpSettings.Mode.Key} is '{SignUpSettings.Off}'.");
            }

            Console.WriteLine(CommandLine.Take(await rooms.Get<InvitationDesk>().MakeAsync(parsed.GetValue(email), parsed.GetValue(days), Actor.Operator, token)).Secret);
        }));
        return command;
    }

    private static Task<int> RunAsync(string data, TimeProvider clock, Func<OperatorRooms, Task> act) =>
        CommandLine.RunAsync(async () =>
        {
            await using var rooms = OperatorRooms.Open(data, clock);
            await act(rooms);
            return 0;
        });

    private static Argument<string> Email() => new("email") { Description = "Its e-mail address" };

    private static Option<string?> TierOption() => new("--tier") { Description = "free, premium (default), access or gold" };

    private static Option<string?> UntilOption() => new("--until") { Description = "Last day of the tier (UTC), e.g. 2027-01-31, or 'never' (default); then it is free" };

    private static Option<string?> QuotaOption() => new("--quota") { Description = "Bytes that it may keep, e.g. 500GB" };

    private static Option<string?> RoleOption() => new("--role") { Description = "member (default), admin or owner: what it may do beyond its own files" };

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
}
