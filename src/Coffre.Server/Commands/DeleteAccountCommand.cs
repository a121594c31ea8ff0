using System.CommandLine;
using Coffre.Server.Accounts;

namespace Coffre.Server.Commands;

/// <summary><c>coffre-server account delete</c>: says what goes, asks, and takes it away.</summary>
internal static class DeleteAccountCommand
{
    public static Command Build(TimeProvider clock)
    {
        var email = new Argument<string>("email") { Description = "Which account" };
        var (dry, yes, data) = (new Option<bool>("--dry-run") { Description = "Only say what would go" }, new Option<bool>("--yes") { Description = "Do not ask" }, CommandLine.Data());
        var command = new Command("delete", "Deletes an account and all that it holds, for good.") { email, dry, yes, data };
        command.SetAction((parsed, token) => CommandLine.RunAsync(async () =>
        {
            await using var rooms = OperatorRooms.Open(parsed.GetValue(data)!, clock);
            var account = await rooms.GetAccountAsync(parsed.GetValue(email)!);
            var desk = rooms.Get<DeletionDesk>();
            Console.WriteLine($"Account {account.Email}: {DeletionDesk.Describe(CommandLine.Take(await desk.StateAsync(account.Id, token)))}");
            if (parsed.GetValue(dry))
            {
                return 0;
            }

            if (!parsed.GetValue(yes))
            {
                Confirm(account);
            }

            CommandLine.Take(await desk.DeleteAsync(account.Id, Authority.Operator, token));
            await rooms.Get<AccountPurger>().PurgeAsync(token);
            Console.WriteLine($"Deleted {account.Email}. Bytes that nobody else shows go with the next sweep.");
            return 0;
        }));
        return command;
    }

    private static void Confirm(Account account)
    {
        Console.Error.Write($"Type {account.Email} to delete it: ");
        if (!string.Equals(Console.In.ReadLine()?.Trim(), account.Email, StringComparison.OrdinalIgnoreCase))
        {
            throw new CommandException("That is not its address. Nothing was changed. (--yes does not ask.)");
        }
    }
}
