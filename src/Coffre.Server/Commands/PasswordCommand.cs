using System.CommandLine;
using System.Text;
using Coffre.Server.Access;
using Coffre.Server.Accounts;

namespace Coffre.Server.Commands;

/// <summary><c>coffre-server account password</c>. The password is typed or comes by standard input, never as an argument.</summary>
internal static class PasswordCommand
{
    public static Command Build(TimeProvider clock)
    {
        var email = new Argument<string>("email") { Description = "Whose password" };
        var remove = new Option<bool>("--remove") { Description = "Take the password away: only keys are left" };
        var data = CommandLine.Data();
        var command = new Command("password", "Sets the password of an account: to sign in with, and for clients that cannot send a key.") { email, remove, data };
        command.SetAction((parsed, token) => CommandLine.RunAsync(async () =>
        {
            await using var rooms = OperatorRooms.Open(parsed.GetValue(data)!, clock);
            var account = await rooms.GetAccountAsync(parsed.GetValue(email)!);
            var password = parsed.GetValue(remove) ? null : Ask();
            CommandLine.Take(await rooms.Get<PasswordDesk>().SetByOperatorAsync(account.Id, password, token));
            Console.WriteLine(password is null ? $"{account.Email} has no password any more." : $"Set the password of {account.Email}. Its sessions were ended.");
            return 0;
        }));
        return command;
    }

    private static string Ask()
    {
        if (Console.IsInputRedirected)
        {
            return Check(Console.In.ReadLine() ?? "");
        }

        var first = Check(Type("Password: "));
        return first == Type("Once more: ") ? first : throw new CommandException("The two differ. Nothing was changed.");
    }

    private static string Check(string password) => password.Length is >= PasswordDigest.MinLength and <= PasswordDigest.MaxLength
        ? password
        : throw new CommandException($"A password has {PasswordDigest.MinLength} to {PasswordDigest.MaxLength} characters. Nothing was changed.");

    /// <summary>Nothing of it is shown.</summary>
    private static string Type(string prompt)
    {
        Console.Error.Write(prompt);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (key.KeyChar != '\0')
            {
                typed.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}
