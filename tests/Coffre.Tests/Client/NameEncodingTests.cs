using Coffre.Client;
using Coffre.Protocol;
using CsCheck;

namespace Coffre.Tests.Client;

public sealed class NameEncodingTests
{
    // Mostly what makes trouble: reserved, their look-alikes, the quote, spaces, controls and their pictures.
    private const string Letters =
        "\"'`\\<>$/ .\t\n\r\0\u001f\u007f" + "＂＇｀＼＜＞＄／␠．␉␊␍␀␟␡‛" + "\"'$ ‛␠．." + "aZ7é漢:*?|＊：";

    private static readonly Gen<string> Nasty = Gen.OneOf(Letters.ToCharArray()).Array[1, 12].Select(letters => new string(letters));

    [Fact]
    public void Every_name_comes_back_as_it_was() =>
        Nasty.Sample(name => Assert.Equal(name, NameEncoding.Decode(NameEncoding.Encode(name))), iter: 200_000);

    [Fact]
    public void Every_encoded_name_is_one_that_the_service_takes() =>
        Nasty.Sample(name => Assert.Null(Names.Check(NameEncoding.Encode(name))), iter: 50_000);

    [Fact]
    public void Two_names_never_meet() =>
        Gen.Select(Nasty, Nasty).Sample(
            (one, other) => Assert.Equal(one == other, NameEncoding.Encode(one) == NameEncoding.Encode(other)), iter: 50_000);

    [Fact]
    public void Names_of_any_text_come_back_too() =>
        Gen.String[1, 100].Sample(name => Assert.Equal(name, NameEncoding.Decode(NameEncoding.Encode(name))));

    [Theory]
    [InlineData("q'uo\"te", "q＇uo＂te")]
    [InlineData("a$b`c\\d", "a＄b｀c＼d")]
    [InlineData("<x>", "＜x＞")]
    [InlineData(" both ", "␠both␠")]
    [InlineData("in side", "in side")]
    [InlineData("tab\there", "tab␉here")]
    [InlineData(".", "．")]
    [InlineData("..", "．．")]
    [InlineData("...", "...")]
    [InlineData("＄5", "‛＄5")]
    [InlineData("‛", "‛‛")]
    [InlineData("mid␠dle", "mid␠dle")]
    [InlineData(":*?|%;[]~#", ":*?|%;[]~#")]
    [InlineData("été 漢字 🎉", "été 漢字 🎉")]
    public void Names_look_as_rclone_makes_them(string local, string remote)
    {
        Assert.Equal(remote, NameEncoding.Encode(local));
        Assert.Equal(local, NameEncoding.Decode(remote));
    }
}
