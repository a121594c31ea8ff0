using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Api;
using Coffre.Server.Audit;
using Coffre.Server.Keys;
using Coffre.Server.Sessions;

namespace Coffre.Tests.Serving;

/// <summary>The native API's accounts and sessions, as a program of a user calls them.</summary>
internal static class AccountClient
{
    public const string Email = "ann@example.org";
    public const string Password = "correct horse";
    private static readonly ConcurrentDictionary<string, string> Digests = new(StringComparer.Ordinal);

    /// <summary>Calls the native API.</summary>
    /// <param name="server">Which server.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">Below <c>/api/</c>.</param>
    /// <param name="body">Written as JSON; null: none.</param>
    /// <param name="bearer">Key or token; null: none.</param>
    /// <param name="from">Address that a trusted proxy tells of.</param>
    public static Task<Answer> CallApiAsync(this TestServer server, string method, string path, object? body = null, string? bearer = null, string? from = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), "/api/" + path);
        if (body is not null)
        {
            request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        if (bearer is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        }

        if (from is not null)
        {
            request.Headers.Add("X-Forwarded-For", from);
        }

        return server.SendAsync(request, "");
    }

    /// <summary>A digest of a password as the server makes them: slow by design, so each password is digested once for all tests.</summary>
    public static string DigestOf(string password) => Digests.GetOrAdd(password, PasswordDigest.Of);

    /// <summary>An account with a password; returns its number.</summary>
    public static async Task<long> AddPersonAsync(this TestServer server, string email = Email, string password = Password, Role role = Role.Member)
    {
        var digest = DigestOf(password);
        return await server.Catalog.WriteAsync(
            session =>
            {
                var accounts = server.Room<AccountTable>();
                var id = accounts.Insert(session, email, Tier.Premium, 1_000_000, role);
                accounts.SetPassword(session, id, digest);
                return id;
            },
            CancellationToken.None);
    }

    public static Task<Answer> TrySignInAsync(this TestServer server, string email = Email, string password = Password, string? from = null) =>
        server.CallApiAsync("POST", "sessions", new { email, password }, from: from);

    /// <summary>Signs in; returns the session's token.</summary>
    public static async Task<string> SignInAsync(this TestServer server, string email = Email, string password = Password)
    {
        var answer = await server.TrySignInAsync(email, password);
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return answer.Json.GetProperty("token").GetString()!;
    }

    /// <summary>Turns sign-in in two steps on with a fresh session; returns the app's secret and the recovery codes.</summary>
    public static async Task<(byte[] Secret, string[] Codes)> EnableTwoStepAsync(this TestServer server, string token)
    {
        var begun = await server.CallApiAsync("POST", "account/two-step", bearer: token);
        Assert.Equal(HttpStatusCode.OK, begun.Status);
        var secret = FromBase32(begun.Json.GetProperty("secret").GetString()!);
        var enabled = await server.CallApiAsync("POST", "account/two-step/enable", new { code = server.Code(secret) }, token);
        Assert.Equal(HttpStatusCode.OK, enabled.Status);
        return (secret, [.. enabled.Json.GetProperty("recovery_codes").EnumerateArray().Select(code => code.GetString()!)]);
    }

    /// <summary>What the app shows now, or some steps later.</summary>
    public static string Code(this TestServer server, byte[] secret, int steps = 0) => Totp.Code(secret, Totp.StepAt(server.Clock.GetUtcNow()) + steps);

    /// <summary>An operation's request, with an empty object where it may take one.</summary>
    public static HttpRequestMessage RequestOf(ApiRoute route) =>
        new(new HttpMethod(route.Method), route.Path.Replace("{id}", "1", StringComparison.Ordinal))
        {
            Content = route.Method == "GET" ? null : new StringContent("{}", Encoding.UTF8, "application/json"),
        };

    /// <summary>Events of the audit log, the newest first; of one account, or all.</summary>
    public static async Task<IReadOnlyList<string>> EventsAsync(this TestServer server, long? accountId = null) =>
        [.. (await server.EntriesAsync(accountId)).Select(entry => entry.GetProperty("event").GetString()!)];

    public static async Task<IReadOnlyList<JsonElement>> EntriesAsync(this TestServer server, long? accountId = null) =>
    [
        .. (await server.Catalog.ReadAsync(session => server.Room<AuditTable>().List(session, accountId, before: null, most: 1000), CancellationToken.None))
            .Select(entry => JsonDocument.Parse(entry.Body).RootElement),
    ];

    private static byte[] FromBase32(string text)
    {
        var bytes = new List<byte>();
        var (bits, count) = (0, 0);
        foreach (var letter in text)
        {
            (bits, count) = ((bits << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal), count + 5);
            if (count >= 8)
            {
                count -= 8;
                bytes.Add((byte)(bits >> count));
                bits &= (1 << count) - 1;
            }
        }

        return [.. bytes];
    }
}
