using System.CommandLine;
using System.Globalization;
using Coffre.Server.Limits;

namespace Coffre.Server.Commands;

/// <summary><c>coffre-server locks list|clear</c>. Works beside a running server, which notices within a second or two.</summary>
internal static class LocksCommand
{
    private const int MostShown = 10_000;

    public static Command Build(TimeProvider clock) =>
        new("locks", "Lists and lifts the locks of those who asked too often.") { List(clock), Clear(clock) };

    private static Command List(TimeProvider clock)
    {
        var data = CommandLine.Data();
        var command = new Command("list", "Lists the locks: kind, subject, call (* is all), reason, end (UTC).") { data };
        command.SetAction((parsed, token) => CommandLine.RunAsync(async () =>
        {
            await using var folder = DataFolder.Open(CommandLine.Load(parsed.GetValue(data)!, null), clock, mustLock: false);
            foreach (var flood in await folder.Catalog.ReadAsync(session => new LockTable(clock).List(session, MostShown), token))
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{flood.Subject.KindName,-8} {flood.Subject.ToText(),-24} {flood.Scope,-22} {flood.Code,-10} {flood.EndsAt:yyyy-MM-dd HH:mm:ss}"));
            }

            return 0;
        }));
        return command;
    }

    private static Command Clear(TimeProvider clock)
    {
        var subject = new Argument<string?>("subject")
        {
            Description = "Address, account number or account/key as 'locks list' shows it (default: all)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var data = CommandLine.Data();
        var command = new Command("clear", "Lifts locks.") { subject, data };
        command.SetAction((parsed, token) => CommandLine.RunAsync(async () =>
        {
            await using var folder = DataFolder.Open(CommandLine.Load(parsed.GetValue(data)!, null), clock, mustLock: false);
            var lifted = await folder.Catalog.WriteAsync(session => new LockTable(clock).Lift(session, parsed.GetValue(subject)), token);
            if (lifted == 0 && parsed.GetValue(subject) is { } wanted)
            {
                throw new CommandException($"There is no lock on '{wanted}'. 'locks list' shows them.");
            }

            Console.WriteLine($"Lifted {lifted}.");
            return 0;
        }));
        return command;
    }
}
