using System.CommandLine;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Keys;

namespace Coffre.Server.Commands;

/// <summary><c>coffre-server key new</c>. Works beside a running server.</summary>
internal static class KeyCommand
{
    private const int MaxNameLength = 100;

    public static Command Build(TimeProvider clock)
    {
        var email = new Argument<string>("email")
        {
            Description = "Whose key (default: the owner's)",
            DefaultValueFactory = _ => Account.OwnerEmail,
        };
        var name = new Option<string>("--name") { Description = "What the key is for", DefaultValueFactory = _ => "key" };
        var data = CommandLine.Data();
        var create = new Command("new", "Makes an API key and prints it, this once.") { email, name, data };
        create.SetAction((parsed, token) => CommandLine.RunAsync(async () =>
        {
            if (parsed.GetValue(name) is not { Length: > 0 and <= MaxNameLength } label)
            {
                throw new CommandException($"--name has 1 to {MaxNameLength} characters.");
            }

            await using var folder = DataFolder.Open(CommandLine.Load(parsed.GetValue(data)!, null), clock, mustLock: false);
            var keys = new KeyTable(new KeyDigest(folder.Pepper), new IdSource(clock), clock);
            var accounts = new AccountTable(clock);
            var key = await folder.Catalog.WriteAsync(
                session => accounts.FindByEmail(session, parsed.GetValue(email)!) is { } account ? keys.Issue(session, account.Id, label) : null,
                token);
            Console.WriteLine(key
                ?? throw new CommandException($"There is no account {parsed.GetValue(email)}. 'account list' shows them."));
            return 0;
        }));
        return new Command("key", "Makes API keys.") { create };
    }
}
