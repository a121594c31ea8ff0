using System.CommandLine;
using System.Globalization;
using System.Net;
using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Folders;
using Coffre.Server.Keys;

namespace Coffre.Server.Commands;

/// <summary><c>coffre-server key new|list|rotate|regenerate|revoke</c>. Works beside a running server.</summary>
internal static class KeyCommand
{
    private const int MaxListed = 10_000;
    private const int MaxDays = 36_500;

    public static Command Build(TimeProvider clock) =>
        new("key", "Makes, lists, replaces and ends API keys.") { New(clock), List(clock), Replace(clock, rotates: true), Replace(clock, rotates: false), Revoke(clock) };

    private static Command New(TimeProvider clock)
    {
        var email = Email();
        var name = new Option<string>("--name") { Description = "What the key is for", DefaultValueFactory = _ => "key" };
        var scopes = new Option<string?>("--scopes") { Description = $"What it may be used for, separated by commas: {string.Join(", ", KeyScopeNames.All)} (default: everything)" };
        var root = new Option<string?>("--root") { Description = "Folder that is its root, as a path: nothing outside is there for it" };
        var from = new Option<string?>("--from") { Description = "Networks it may be used from, in CIDR form, separated by commas" };
        var days = new Option<int?>("--expires-days") { Description = "Days after which it ends" };
        var rate = new Option<long?>("--rate") { Description = "Calls a second that it may make, instead of everybody's" };
        var data = CommandLine.Data();
        var command = new Command("new", "Makes an API key and prints it, this once.") { email, name, scopes, root, from, days, rate, data };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(data)!, clock, parsed.GetValue(email)!, async room =>
        {
            var path = parsed.GetValue(root);
            var wish = new KeyWish(parsed.GetValue(name))
            {
                Scopes = ScopesOf(parsed.GetValue(scopes), isFenced: path is not null),
                RootFolderId = path is null ? null : await FolderOfAsync(room, path, token),
                Networks = NetworksOf(parsed.GetValue(from)),
                ExpiresAt = parsed.GetValue(days) switch
                {
                    null => null,
                    < 1 or > MaxDays => throw new CommandException($"--expires-days is 1 to {MaxDays}."),
                    { } left => clock.GetUtcNow().AddDays(left),
                },
                CallsPerSecond = parsed.GetValue(rate),
            };
            Console.WriteLine(Take(await room.Desk.MakeAsync(room.Account.Id, Asking.Operator, wish, token)).Secret);
        }));
        return command;
    }

    private static Command List(TimeProvider clock)
    {
        var (email, data) = (Email(), CommandLine.Data());
        var command = new Command("list", "Lists the keys of an account, the newest first; of each only its last four characters.") { email, data };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(data)!, clock, parsed.GetValue(email)!, async room =>
        {
            foreach (var key in await room.Desk.ListAsync(room.Account.Id, before: null, MaxListed, token))
            {
                Console.WriteLine(Describe(key, clock.GetUtcNow()));
            }
        }));
        return command;
    }

    private static Command Replace(TimeProvider clock, bool rotates)
    {
        var (id, email, data) = (Id(), Email(), CommandLine.Data());
        var hours = new Option<int>("--overlap-hours") { Description = "How long the old key lives on after the first use of the new one, 0 to 168", DefaultValueFactory = _ => (int)KeyDesk.DefaultGrace.TotalHours };
        var command = rotates
            ? new Command("rotate", "Makes a key that takes over from another at its first use, and prints it.") { id, email, hours, data }
            : new Command("regenerate", "Ends a key now and prints the new one in its place.") { id, email, data };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(data)!, clock, parsed.GetValue(email)!, async room =>
        {
            var grace = rotates ? TimeSpan.FromHours(parsed.GetValue(hours)) : (TimeSpan?)null;
            Console.WriteLine(Take(await room.Desk.ReplaceAsync(room.Account.Id, Asking.Operator, parsed.GetValue(id), grace, token)).Secret);
        }));
        return command;
    }

    private static Command Revoke(TimeProvider clock)
    {
        var (id, email, data) = (Id(), Email(), CommandLine.Data());
        var command = new Command("revoke", "Ends a key now.") { id, email, data };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(data)!, clock, parsed.GetValue(email)!, async room =>
            Console.WriteLine(Describe(Take(await room.Desk.RevokeAsync(room.Account.Id, parsed.GetValue(id), Actor.Operator, token)), clock.GetUtcNow()))));
        return command;
    }

    private static Task<int> RunAsync(string data, TimeProvider clock, string email, Func<Room, Task> act) =>
        CommandLine.RunAsync(async () =>
        {
            await using var rooms = OperatorRooms.Open(data, clock);
            var account = await rooms.GetAccountAsync(email);
            await act(new Room(rooms.Get<CatalogStore>(), rooms.Get<FolderTable>(), account, rooms.Get<KeyDesk>()));
            return 0;
        });

    private static T Take<T>(Outcome<T> outcome) =>
        outcome.IsFault
            ? throw new CommandException(
                outcome.Fault.Code == KoCode.NotFound ? "There is no such key. 'key list' shows them." : $"{KoCatalogue.Get(outcome.Fault.Code).Text}: {outcome.Fault.Detail}.")
            : outcome.Value;

    private static string Describe(KeyRow key, DateTimeOffset now)
    {
        var use = key.LastUse is { } last
            ? string.Create(CultureInfo.InvariantCulture, $"used {last.At:yyyy-MM-dd HH:mm} from {last.Network}{(last.Client.Length > 0 ? " by " + last.Client : "")}")
            : "never used";
        var end = key.ExpiresAt is { } expires && key.RevokedAt is null ? string.Create(CultureInfo.InvariantCulture, $", ends {expires:yyyy-MM-dd HH:mm}") : "";
        var scopes = key.Rights.Scopes == KeyScopes.All ? "everything" : string.Join(',', KeyScopeNames.Of(key.Rights.Scopes));
        return string.Create(
            CultureInfo.InvariantCulture, $"{key.Id,-18} {key.Masked}  {key.StateAt(now).ToString().ToLowerInvariant(),-8} {key.Name,-24} {scopes}, {use}{end}");
    }

    private static KeyScopes ScopesOf(string? text, bool isFenced)
    {
        if (text is null)
        {
            return isFenced ? KeyScopes.Files : KeyScopes.All;
        }

        return KeyScopeNames.TryParse(Split(text), out var scopes, out var unknown)
            ? scopes
            : throw new CommandException($"--scopes are some of {string.Join(", ", KeyScopeNames.All)}, not '{unknown}'.");
    }

    private static List<IPNetwork> NetworksOf(string? text) =>
        [.. Split(text ?? "").Select(word => IPNetwork.TryParse(word, out var network)
            ? network
            : throw new CommandException($"--from takes networks such as 192.0.2.0/24, not '{word}'."))];

    private static async Task<long> FolderOfAsync(Room room, string path, CancellationToken cancellationToken)
    {
        var id = await room.Catalog.ReadAsync(
            session => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(
                (long?)Folder.RootId, (parent, name) => parent is { } known ? room.Folders.FindByName(session, room.Account.Id, known, name)?.Id : null),
            cancellationToken);
        return id is { } found and not Folder.RootId ? found : throw new CommandException($"--root: {room.Account.Email} has no folder '{path}'.");
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static Argument<string> Email() => new("email") { Description = "Whose key (default: the owner's)", DefaultValueFactory = _ => Account.OwnerEmail };

    private static Argument<long> Id() => new("id") { Description = "The key's number, as 'key list' shows it" };

    private sealed record Room(CatalogStore Catalog, FolderTable Folders, Account Account, KeyDesk Desk);
}
