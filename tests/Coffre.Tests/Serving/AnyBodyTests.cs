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

    private static readonly Gen<string> Scalars = Gen.Int[0, Written.Length - 1].Select(i => Written[i]);

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

    private static Gen<string> ObjectOf(Gen<string> values) =>
        Gen.Select(Names, values).Array[0, 6].Select(pairs => "{" + string.Join(',', pairs.Select(pair => $"\"{pair.Item1}\":{pair.Item2}")) + "}");
}
