using System.CommandLine;
using System.Globalization;
using Coffre.Server.Audit;

namespace Coffre.Server.Commands;

/// <summary><c>coffre-server audit verify|export</c>. Works beside a running server.</summary>
internal static class AuditCommand
{
    private const int Broken = 3;

    public static Command Build(TimeProvider clock) =>
        new("audit", "Verifies and exports the audit log.") { Verify(clock), Export(clock) };

    private static Command Verify(TimeProvider clock)
    {
        var file = new Option<string?>("--file") { Description = "An exported log (JSON lines) instead of the catalog's; - is standard input" };
        var head = new Option<string?>("--head") { Description = "A head that an earlier 'verify' printed: it must be in the log" };
        var data = CommandLine.Data();
        var command = new Command("verify", "Checks that no entry is missing, changed or exchanged, and prints the head. Exit code 3: something is wrong.") { file, head, data };
        command.SetAction((parsed, token) => CommandLine.RunAsync(async () =>
        {
            await using var rooms = OperatorRooms.Open(parsed.GetValue(data)!, clock);
            var chain = new AuditChain(rooms.Get<AuditSecret>());
            var wanted = parsed.GetValue(head);
            var verdict = parsed.GetValue(file) is { } path
                ? await FollowFileAsync(chain, path, wanted, token)
                : await rooms.Catalog.ReadAsync(session => Follow(chain, rooms.Get<AuditTable>().ReadAll(session), wanted), token);
            if (verdict is not null)
            {
                await Console.Error.WriteLineAsync($"The audit log is broken: {verdict}. {chain.Count.ToString(CultureInfo.InvariantCulture)} entries before it are good.");
                return Broken;
            }

            Console.WriteLine(chain.Count == 0 ? "The audit log is empty." : string.Create(CultureInfo.InvariantCulture, $"{chain.Count} entries are good. Head: {chain.Head}"));
            return 0;
        }));
        return command;
    }

    private static Command Export(TimeProvider clock)
    {
        var data = CommandLine.Data();
        var command = new Command("export", "Writes the audit log to standard output, the oldest entry first, a JSON object a line. 'verify --file' checks it.") { data };
        command.SetAction((parsed, token) => CommandLine.RunAsync(async () =>
        {
            await using var rooms = OperatorRooms.Open(parsed.GetValue(data)!, clock);
            using var lease = await rooms.Catalog.OpenReadAsync(token);
            foreach (var entry in rooms.Get<AuditTable>().ReadAll(lease.Session))
            {
                Console.Out.WriteLine(entry.ToLine());
            }

            return 0;
        }));
        return command;
    }

    /// <summary>What is wrong with a log; null: nothing.</summary>
    private static string? Follow(AuditChain chain, IEnumerable<AuditEntry?> entries, string? head)
    {
        var isSeen = head is null || head == chain.Head;
        foreach (var entry in entries)
        {
            if ((entry is null ? "a line is no entry" : chain.Follow(entry)) is { } trouble)
            {
                return trouble;
            }

            isSeen |= chain.Head == head;
        }

        return isSeen ? null : $"the head {head} is not in it: entries were cut off, or the log was made anew";
    }

    private static async Task<string?> FollowFileAsync(AuditChain chain, string path, string? head, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = path == "-" ? Console.In : new StreamReader(path);
            return await Task.Run(() => Follow(chain, Lines(reader).Select(AuditEntry.FromLine), head), cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--file: {exception.Message}");
        }
    }

    private static IEnumerable<string> Lines(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
