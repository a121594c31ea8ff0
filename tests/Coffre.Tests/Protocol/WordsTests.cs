using System.Text.Json;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using CsCheck;

namespace Coffre.Tests.Protocol;

public sealed class WordsTests
{
    [Theory]
    [InlineData("2026-01-15T11:00:00Z", "2026-01-15 12:00:00")]
    [InlineData("2021-06-22T12:57:25Z", "2021-06-22 14:57:25")]
    [InlineData("2026-03-29T00:59:59Z", "2026-03-29 01:59:59")]
    [InlineData("2026-03-29T01:00:00Z", "2026-03-29 03:00:00")]
    [InlineData("2026-10-25T00:59:59Z", "2026-10-25 02:59:59")]
    [InlineData("2026-10-25T01:00:00Z", "2026-10-25 02:00:00")]
    [InlineData("2026-12-31T23:30:00Z", "2027-01-01 00:30:00")]
    public void Dates_are_those_of_paris(string utc, string wire) =>
        Assert.Equal(wire, ParisTime.Format(DateTimeOffset.Parse(utc)));

    [Fact]
    public void Dates_come_back_but_for_the_hour_that_exists_twice() =>
        Gen.Long[0, 4_000_000_000].Sample(seconds =>
        {
            var moment = DateTimeOffset.FromUnixTimeSeconds(seconds);
            Assert.True(ParisTime.TryParse(ParisTime.Format(moment), out var read));
            Assert.True(read == moment || read == moment.AddHours(-1), $"{moment} became {read}");
        });

    [Theory]
    [InlineData("2026-06-01T12:00:00")]
    [InlineData("2026-13-01 12:00:00")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_no_date_is_told(string? text) => Assert.False(ParisTime.TryParse(text, out _));

    [Fact]
    public void A_mended_name_is_always_allowed() =>
        Gen.String.Sample(name => Assert.Null(Names.Check(Names.Mend(name))));

    [Fact]
    public void Just_the_names_that_are_not_allowed_are_mended() =>
        Gen.OneOf(Gen.String, Gen.String.Select(Names.Mend)).Sample(name => Assert.Equal(Names.Check(name) is null, Names.Mend(name) == name));

    [Fact]
    public void A_long_name_keeps_its_extension()
    {
        var mended = Names.Mend(new string('x', 400) + ".tar.gz");
        Assert.Equal(Names.MaxLength, mended.Length);
        Assert.EndsWith(".gz", mended, StringComparison.Ordinal);
    }

    [Fact]
    public void New_keys_are_well_formed_and_differ()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => ApiKey.New()).ToList();
        Assert.All(keys, key => Assert.Matches("^cof_[0-9A-Za-z]{28}$", key));
        Assert.All(keys, key => Assert.True(ApiKey.IsWellFormed(key)));
        Assert.Equal(100, keys.Distinct().Count());
    }

    [Fact]
    public void Every_typing_error_of_one_character_is_seen()
    {
        var key = ApiKey.New();
        for (var i = 4; i < key.Length; i++)
        {
            foreach (var c in "0aZ9zA")
            {
                if (key[i] != c)
                {
                    Assert.Equal(KeyForm.WrongChecksum, ApiKey.Judge(key[..i] + c + key[(i + 1)..]));
                }
            }
        }
    }

    [Theory]
    [InlineData("", KeyForm.Empty)]
    [InlineData("cof_short", KeyForm.WrongLength)]
    [InlineData("0123456789abcdefghijklmnopqrstuv", KeyForm.Foreign)]
    [InlineData("0123456789abcdefghijklmnopqrst?v", KeyForm.WrongCharacters)]
    [InlineData("0123456789abcdef hijklmnopqrstuv", KeyForm.HasBlanks)]
    [InlineData("0123456789abcdefghijklmnopqrstuv\n", KeyForm.HasBlanks)]
    public void What_is_no_key_is_told_apart(string text, KeyForm form) => Assert.Equal(form, ApiKey.Judge(text));

    [Fact]
    public void A_masked_key_shows_its_ends_only()
    {
        var key = ApiKey.New();
        Assert.Equal($"cof_…{key[^4..]}", ApiKey.Mask(key));
        Assert.Equal("…", ApiKey.Mask("short"));
    }

    [Theory]
    [InlineData("https://1fichier.com/?jxbpw7mo2qfc3ayoz701", "jxbpw7mo2qfc3ayoz701")]
    [InlineData("https://h/?abcde&inline=1", "abcde")]
    [InlineData("?abcde12345&lg=en&af=62851", "abcde12345")]
    [InlineData("abcde12345", "abcde12345")]
    [InlineData("https://h/?abcde#top", "abcde")]
    public void The_id_is_found_in_every_form_of_a_link(string link, string id)
    {
        Assert.True(LinkId.TryFind(link, out var found));
        Assert.Equal(id, found);
    }

    [Theory]
    [InlineData("https://h/?ABCDE")]
    [InlineData("https://h/dir/abc")]
    [InlineData("https://h/?abc")]
    [InlineData("https://h/?jxbpw7mo2qfc3ayoz7012")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_no_link_is_told(string? link) => Assert.False(LinkId.TryFind(link, out _));

    [Fact]
    public void Every_refusal_has_words_a_number_and_a_status_that_is_not_200()
    {
        Assert.Equal(Enum.GetValues<KoCode>().Order(), KoCatalogue.All.Select(entry => entry.Key));
        Assert.All(KoCatalogue.All, entry => Assert.InRange(entry.Value.HttpStatus, 400, 599));
        Assert.All(KoCatalogue.All, entry => Assert.Equal(entry.Value.Number, KoCatalogue.NumberOf(entry.Value.Message("detail #7"))));
    }

    [Theory]
    [InlineData("Flood detected: IP Locked #374", 374)]
    [InlineData("Resource not found #469", 469)]
    [InlineData("no number", null)]
    [InlineData("odd #x", null)]
    [InlineData(null, null)]
    public void The_number_of_a_message_is_read(string? message, int? number) => Assert.Equal(number, KoCatalogue.NumberOf(message));

    [Fact]
    public void Answers_are_read_whatever_types_the_service_feels_like()
    {
        var info = JsonSerializer.Deserialize(
            """{"Status":"OK","offer":1,"2fa":0,"cold_storage":"12","page_limit":"","overquota":null,"use_cdn":true,"new_field":[1]}""",
            V1Json.Default.UserInfoAnswer)!;
        Assert.Equal(("OK", "1", "0", 12L, 0, 0, "1"), (info.Status, info.Offer, info.TwoFactor, info.ColdStorage, info.PageLimit, info.OverQuota, info.UseCdn));
    }
}
