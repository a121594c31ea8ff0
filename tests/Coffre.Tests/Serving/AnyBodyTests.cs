using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Remote;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;

namespace Coffre.Tests.Serving;

/// <summary>Random bodies to every call there is: the answer is always the envelope, and never a fault of the server's own.</summary>
public sealed class AnyBodyTests
{
    private const string GetUploadServer = V1Paths.UploadServer;

    /// <summary>Every field of every request, also of the entries in its lists.</summary>
    private static readonly string[] Fields =
    [
        .. typeof(V1Request).Assembly.GetTypes().Where(type => type.Namespace == typeof(V1Request).Namespace)
            .SelectMany(type => type.GetProperties()).Select(property => property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name).OfType<string>().Distinct(),
    ];

    private static readonly string[] Written =
    [
        "null", "true", "false", "0", "1", "-1", "2", "1.5", "1e400", "-9223372036854775808", "9223372036854775807", "9223372036854775808", "99999999999999999999999",
        "\"\"", "\"0\"", "\"1\"", "\"x\"", "\" \"", "\"?abcde\"", "\"?aaaaaaaaaaaaaaaaaaaa\"", "\"https://1fichier.com/?aaaaaaaaaaaaaaaaaaaa\"", "\"http://[\"",
        "\"2026-01-01 00:00:00\"", "\"2026-03-29 02:30:00\"", "\"a@example.org\"", "\"owner@localhost\"", "\"\\u0000\"", "\"\\ud800\"", "\"../../etc\"", "\"\\n\"",
        "\"" + new string('a', 300) + "\"", "\"ftp://a%0d%0ab/\"", "\"FR\"", "\"10.0.0.0/8\"", "\"{}\"",
    ];

    private static readonly Gen<string> Scalars = OneWordOf(Written);

    private static readonly Gen<string> Names = Gen.OneOf(Gen.Int[0, Fields.Length - 1].Select(i => Fields[i]), Gen.String[Gen.Char.AlphaNumeric, 0, 8]);

    private static readonly Gen<string> Values = Gen.Recursive<string>((depth, self) => depth >= 3
        ? Scalars
        : Gen.OneOf(Scalars, Scalars, self.Array[0, 3].Select(items => "[" + string.Join(',', items) + "]"), ObjectOf(self)));

    private static readonly Gen<byte[]> Bodies = Gen.OneOf(
        ObjectOf(Values).Select(Encoding.UTF8.GetBytes),
        ObjectOf(Values).Select(Encoding.UTF8.GetBytes),
        Gen.Select(ObjectOf(Values), Gen.Int[0, 200]).Select((text, length) => Encoding.UTF8.GetBytes(text)[..Math.Min(length, Encoding.UTF8.GetByteCount(text))]),
        Gen.Int[1, 200].Select(depth => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"urls\":[", depth)))),
        Gen.Int[1, 60].Select(depth => Encoding.UTF8.GetBytes("{\"acl\":" + new string('[', depth) + new string(']', depth) + "}")),
        Values.Select(Encoding.UTF8.GetBytes),
        Gen.Byte.Array[0, 100],
        Gen.String.Select(Encoding.UTF8.GetBytes));

    private static readonly Gen<string> RuleValues = Gen.OneOf(
        Scalars, OneWordOf("\"a@example.org\"", "\"127.0.0.0/8\"", "\"FR\"", "null", "\"\"", "\" \"", "1").Array[0, 3].Select(items => "[" + string.Join(',', items) + "]"));

    private static readonly Gen<string> Rules = Gen.OneOf(
        Gen.Select(OneWordOf("ip", "country", "email", "premium"), RuleValues).Array[0, 4]
            .Select(pairs => "{" + string.Join(',', pairs.Select(pair => $"\"{pair.Item1}\":{pair.Item2}")) + "}"),
        RuleValues);

    private static readonly Gen<string> Forms = OneWordOf(
        "--b\r\n", "--b--\r\n", "--b", "\r\n", "\n", "\0", "é", "--", "Content-Disposition: form-data", "Content-Disposition: form-data; name=\"file[]\"; filename=\"f\"\r\n\r\n",
        "Content-Disposition: form-data; name=\"did\"\r\n\r\n", "Content-Disposition: form-data; name=\"mails\"\r\n\r\n", "Content-Length: -1\r\n", "; filename=\"", "; name=user", "0",
        "a@example.org", "x").Array[0, 20].Select(string.Concat);

    private static readonly Gen<string> FormTypes = OneWordOf(
        "multipart/form-data; boundary=b", "multipart/form-data; boundary=b", "multipart/form-data; boundary=b", "multipart/form-data; boundary=\"b\"", "multipart/form-data; boundary=",
        "multipart/form-data; boundary=a b", "multipart/mixed; boundary=b", "application/x-www-form-urlencoded", "application/json", "nonsense");

    [Fact]
    public async Task Whatever_is_sent_to_any_call_the_answer_is_an_envelope_and_the_log_is_clean()
    {
        await using var server = await TestServer.StartAsync(
            null, services => services.AddSingleton<INameResolver>(new NamelessResolver()),
            ("Ftp:Port", TestPorts.Free().ToString(CultureInfo.InvariantCulture)), ("Ftp:RequireTls", "false"), ("Remote:RetrySeconds", "0"), ("Limits:KeyRate", "0"));
        await server.UploadAsync("f", [1]);
        await server.MakeFolderAsync("x");
        var calls = server.Routes.Where(route => route.EndsWith(".cgi", StringComparison.Ordinal) && route.StartsWith(V1Paths.Root, StringComparison.Ordinal)).ToArray();
        Assert.Equal(26, calls.Length);

        await Gen.Select(Gen.Int[0, calls.Length - 1].Select(i => calls[i]), Bodies).SampleAsync(
            async pair =>
            {
                var (call, body) = pair;
                var request = new HttpRequestMessage(HttpMethod.Post, call) { Content = new ByteArrayContent(body) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                var answer = await server.SendAsync(request);
                Assert.InRange((int)answer.Status, 200, 499);
                Assert.Equal("application/json", answer.ContentHeaders.ContentType!.MediaType);
                Assert.Equal(JsonValueKind.Object, answer.Json.ValueKind);
                if (answer.Status != HttpStatusCode.OK)
                {
                    Assert.Equal("KO", answer.Json.GetProperty("status").GetString());
                    Assert.NotNull(KoCatalogue.NumberOf(answer.Message));
                }
                else if (call is not (GetUploadServer or V1Paths.FileInfo or V1Paths.RemoteInfo))
                {
                    Assert.Equal("OK", answer.Json.GetProperty("status").GetString());
                }
            },
            iter: 5000, threads: 4, print: pair => $"{pair.Item1} {Encoding.UTF8.GetString(pair.Item2)}");
        Assert.Empty(server.Log.Troubles);
    }

    [Fact]
    public async Task Whatever_is_made_of_access_rules_everybody_gets_an_answer()
    {
        await using var server = await TestServer.StartAsync(("Limits:KeyRate", "0"));
        var link = (await server.UploadAsync("f", [1])).GetProperty("download").GetString()!;
        var stranger = await server.AddAccountAsync("a@example.org", 1000);
        var form = new[] { KeyValuePair.Create("links[]", link) };
        await Rules.SampleAsync(
            async rules =>
            {
                var changed = await server.CallAsync("file/chattr.cgi", $$"""{"urls":["{{link}}"],"acl":{{rules}}}""");
                Assert.InRange((int)changed.Status, 200, 499);
                Answer[] answers =
                [
                    await server.CallAsync("file/info.cgi", $$"""{"url":"{{link}}"}"""),
                    await server.CallAsync("file/info.cgi", $$"""{"url":"{{link}}"}""", stranger),
                    await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, link), ""),
                    await server.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/check_links.pl") { Content = new FormUrlEncodedContent(form) }, ""),
                ];
                Assert.Equal(HttpStatusCode.OK, answers[0].Status);
                Assert.All(answers, answer => Assert.InRange((int)answer.Status, 200, 499));

                // What needs a name does not admit whoever has none.
                if (answers[0].Json.TryGetProperty("acl", out var kept) && kept.TryGetProperty("email", out var emails) && emails.GetArrayLength() > 0)
                {
                    Assert.Equal(HttpStatusCode.Forbidden, answers[2].Status);
                }
            },
            iter: 1000, threads: 1);
        Assert.Empty(server.Log.Troubles);
    }

    [Fact]
    public async Task Whatever_is_posted_as_an_upload_the_answer_is_an_envelope_or_the_redirect_and_the_log_is_clean()
    {
        await using var server = await TestServer.StartAsync(("Limits:KeyRate", "0"), ("Uploads:OpenTickets", "100000"));
        await Gen.Select(Forms, FormTypes).SampleAsync(
            async pair =>
            {
                var (body, type) = pair;
                var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
                content.Headers.TryAddWithoutValidation("Content-Type", type);
                var answer = await server.PostUploadAsync(await server.OpenUploadAsync(), content);
                if (answer.Status != HttpStatusCode.Found)
                {
                    Assert.InRange((int)answer.Status, 400, 499);
                    Assert.NotNull(KoCatalogue.NumberOf(answer.Message));
                }
            },
            iter: 2000, threads: 2, print: pair => $"{pair.Item2}: {pair.Item1}");
        Assert.Empty(server.Log.Troubles);
    }

    private static Gen<string> OneWordOf(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    private static Gen<string> ObjectOf(Gen<string> values) =>
        Gen.Select(Names, values).Array[0, 6].Select(pairs => "{" + string.Join(',', pairs.Select(pair => $"\"{pair.Item1}\":{pair.Item2}")) + "}");
}
