using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Coffre.Compat.Fixture;

namespace Coffre.Compat.WrongInput;

/// <summary>
/// Every test of a refusal ends by looking at the whole account: nothing is listed that was not there before, nothing is missing, the
/// account is charged as before, and the server's log tells of no fault of its own.
/// </summary>
public abstract partial class RefusalTests(ServerFixture fixture) : IAsyncLifetime
{
    private readonly V1Client _client = V1Client.For(fixture.Server);
    private string _before = "";
    private int _logged;

    protected ServerProcess Server => fixture.Server;

    protected V1Client Client => _client;

    protected string Authorization => $"Authorization: Bearer {Server.ApiKey}\r\n";

    public async ValueTask InitializeAsync()
    {
        _before = await StateAsync();
        _logged = Server.Log.Length;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Assert.Equal(_before, await StateAsync());
        Server.AssertNoFault(_logged);
        _client.Dispose();
    }

    /// <summary>A refusal as every client can read it: the right HTTP status, the KO envelope, a number.</summary>
    protected static void AssertKo(int status, int number, int seenStatus, string body)
    {
        var said = $"{seenStatus}: {body}";
        Assert.True(status == seenStatus, $"Expected {status} #{number}, got {said}");
        var json = JsonDocument.Parse(body).RootElement;
        Assert.Equal("KO", json.GetProperty("status").GetString());
        var message = json.GetProperty("message").GetString()!;
        var match = NumberForm().Match(message);
        Assert.True(match.Success && match.Groups["number"].Value == number.ToString(CultureInfo.InvariantCulture), $"Expected #{number}, got {said}");
        Assert.True(match.Index > 8, "A number without words helps nobody: " + said);
    }

    protected static void AssertKo(HttpStatusCode status, int number, Answer answer) =>
        AssertKo((int)status, number, (int)answer.Status, answer.Body);

    protected static void AssertKo(int status, int number, RawAnswer answer) => AssertKo(status, number, answer.Status, answer.Body);

    /// <summary>A request for which no header is added by a library.</summary>
    protected Task<RawAnswer> AskAsync(string requestLine, string headers, string body = "") =>
        RawConnection.AskAsync(Server, $"{requestLine} HTTP/1.1\r\nHost: 127.0.0.1:{Server.Port}\r\n{headers}\r\n{body}");

    /// <summary>Posts a form to a new upload address.</summary>
    protected async Task<Answer> UploadAsync(byte[] body, string type = "multipart/form-data; boundary=" + Multipart.Boundary, Uri? to = null) =>
        await Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, to ?? await Client.UploadAddressAsync()) { Content = Multipart.Content(body, type) });

    private async Task<string> StateAsync() =>
        string.Join('\n', [.. await _client.ListAsync(-1), .. (await _client.FoldersAsync()).Keys.Order(StringComparer.Ordinal), $"{await _client.UsageAsync()} bytes"]);

    [GeneratedRegex(" #(?<number>[0-9]+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex NumberForm();
}
