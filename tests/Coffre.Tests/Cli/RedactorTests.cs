using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Coffre.Cli.Output;
using Coffre.Protocol;

namespace Coffre.Tests.Cli;

/// <summary>The sink: what is secret does not get through, in whatever shape and pieces it comes.</summary>
public sealed class RedactorTests
{
    private const string Password = "päss wörd+/=\"<&>'\\9";

    private readonly Redactor _redactor = new();

    public static TheoryData<string> Secrets => [ApiKey.New(), "0123-56789_abcdefghijklmnopqrstu=", Password, "/d/verysecrettoken0123456789", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"];

    [Theory]
    [MemberData(nameof(Secrets))]
    public void Every_shape_of_a_secret_is_blotted_out(string secret)
    {
        _redactor.Hide(secret);

        foreach (var shape in Shapes(secret))
        {
            var said = _redactor.Clean($"before {shape} after");

            Assert.DoesNotContain(shape, said, StringComparison.Ordinal);
            Assert.StartsWith("before ", said, StringComparison.Ordinal);
            Assert.EndsWith(" after", said, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Secrets))]
    public void In_base_64_nothing_of_it_is_left_whatever_stands_around_it(string secret)
    {
        _redactor.Hide(secret);
        for (var before = 0; before < 7; before++)
        {
            var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('u', before) + secret + new string('v', before % 4)));

            var said = _redactor.Clean(text);

            // At most one character on each side is decided by a part of the secret.
            Assert.Contains(Redactor.Blot, said, StringComparison.Ordinal);
            Assert.True(said.Length - Redactor.Blot.Length <= text.Length - (Encoding.UTF8.GetByteCount(secret) * 8 / 6) + 2, said);
        }
    }

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_secret_in_two_writes_with_a_flush_between_is_seen(string secret)
    {
        foreach (var shape in Shapes(secret))
        {
            for (var cut = 1; cut < shape.Length; cut++)
            {
                var said = new StringWriter();
                var writer = new RedactingWriter(said, _redactor);
                _redactor.Hide(secret);

                writer.Write("a " + shape[..cut]);
                writer.Flush();
                writer.Write(shape[cut..] + " b");
                writer.Flush();
                writer.Finish();

                Assert.Equal("a [secret] b", said.ToString());
            }
        }
    }

    [Fact]
    public void Lines_that_wait_for_each_other_are_cleaned_as_if_each_came_alone()
    {
        _redactor.Hide("topsecret");
        var (alone, together) = (new StringWriter(), new StringWriter());
        foreach (var (said, most) in new[] { (alone, 0), (together, 1000) })
        {
            var writer = new RedactingWriter(said, _redactor) { MostHeld = most };
            writer.WriteLine("plain");
            writer.WriteLine("a topsecret b");
            writer.WriteLine("said by the Bearer");
            writer.WriteLine("a_name_of_more_than_sixteen_letters");
            writer.WriteLine("Bearer\na_name_of_more_than_sixteen_letters");
            writer.Write("the rest: topsec");
            Assert.Equal(most > 0, said.ToString().Length == 0);
            writer.Finish();
        }

        Assert.Equal("plain\na [secret] b\nsaid by the Bearer\na_name_of_more_than_sixteen_letters\nBearer\n[secret]\nthe rest: topsec", alone.ToString());
        Assert.Equal(alone.ToString(), together.ToString());
    }

    [Fact]
    public void Lines_that_wait_go_out_when_they_are_many_and_before_a_secret_is_allowed()
    {
        _redactor.Hide("topsecret");
        var said = new StringWriter();
        var writer = new RedactingWriter(said, _redactor) { MostHeld = 20 };

        writer.WriteLine("0123456789");
        Assert.Equal("", said.ToString());
        writer.WriteLine("0123456789");
        Assert.Equal("0123456789\n0123456789\n", said.ToString());

        writer.WriteLine("topsecret");
        writer.Allow("topsecret");
        writer.WriteLine("topsecret");
        writer.Finish();
        Assert.Equal("0123456789\n0123456789\n[secret]\ntopsecret\n", said.ToString());
    }

    [Fact]
    public void A_secret_that_comes_character_by_character_is_seen()
    {
        var said = new StringWriter();
        var writer = new RedactingWriter(said, _redactor);
        _redactor.Hide("topsecret");

        foreach (var character in "a topsecret b\ntopsec")
        {
            writer.Write(character);
            writer.Flush();
        }

        Assert.Equal("a [secret] b\n", said.ToString());
        writer.Finish();
        Assert.Equal("a [secret] b\ntopsec", said.ToString());
    }

    [Fact]
    public void A_key_of_ours_that_nobody_told_of_is_blotted_out_too_even_with_a_typing_error()
    {
        var key = ApiKey.New();
        var wrong = key[..^1] + (key[^1] == 'a' ? 'b' : 'a');

        Assert.Equal("[secret]/[secret] Bearer [secret]", _redactor.Clean($"{key}/{wrong} Bearer abcdefghijklmnopqrstuvwxyz012345"));
    }

    [Fact]
    public void A_key_of_ours_in_base_64_is_blotted_out_without_being_told_of()
    {
        for (var before = 0; before < 6; before++)
        {
            var key = ApiKey.New();
            var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('u', before) + key + new string('v', before % 4)));

            var said = _redactor.Clean(text);

            Assert.Contains(Redactor.Blot, said, StringComparison.Ordinal);
            Assert.True(said.Length - Redactor.Blot.Length <= text.Length - 41, said);
        }
    }

    [Theory]
    [InlineData("Bad request: {\"pass\":\"hunter22\"}", "hunter22")]
    [InlineData("https://h.example/cb?token=abcd1234&x=1", "abcd1234")]
    [InlineData("share_password = 'correct horse'", "correct")]
    [InlineData("api_key=0123456789abcdefghijklmnopqrstuv", "0123456789abcdefghijklmnopqrstuv")]
    [InlineData("signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYq")]
    public void A_sentence_that_quotes_a_secret_of_others_loses_it(string sentence, string secret) =>
        Assert.DoesNotContain(secret, _redactor.CleanMessage(sentence), StringComparison.Ordinal);

    [Fact]
    public void Results_keep_names_that_only_look_like_fields() => Assert.Equal("password=notes.txt\n", _redactor.Clean("password=notes.txt\n"));

    [Fact]
    public void What_was_asked_for_may_stand_on_one_writer_and_on_no_other()
    {
        var (asked, other) = (ApiKey.New(), ApiKey.New());
        var output = new StringWriter();
        var error = new StringWriter();
        var sink = new Sink(output, error, _redactor);
        _redactor.Hide(asked);
        _redactor.Hide(other);
        sink.Out.Allow(asked);

        sink.Out.WriteLine($"{asked} {other} {asked}");
        sink.Error.WriteLine(asked);
        sink.Finish();

        Assert.Equal($"{asked} [secret] {asked}\n", output.ToString());
        Assert.Equal("[secret]\n", error.ToString());
    }

    private static IEnumerable<string> Shapes(string secret) =>
    [
        secret, Uri.EscapeDataString(secret), WebUtility.UrlEncode(secret), WebUtility.HtmlEncode(secret), JsonSerializer.Serialize(secret)[1..^1],
        JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret),
    ];
}
