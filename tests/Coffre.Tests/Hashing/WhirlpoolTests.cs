using System.Text;
using Coffre.Hashing;
using CsCheck;

namespace Coffre.Tests.Hashing;

public sealed class WhirlpoolTests
{
    /// <summary>The test vectors of ISO/IEC 10118-3.</summary>
    public static TheoryData<string, string> Vectors => new()
    {
        { "", "19FA61D75522A4669B44E39C1D2E1726C530232130D407F89AFEE0964997F7A73E83BE698B288FEBCF88E3E03C4F0757EA8964E59B63D93708B138CC42A66EB3" },
        { "a", "8ACA2602792AEC6F11A67206531FB7D7F0DFF59413145E6973C45001D0087B42D11BC645413AEFF63A42391A39145A591A92200D560195E53B478584FDAE231A" },
        { "abc", "4E2448A4C6F486BB16B6562C73B4020BF3043E3A731BCE721AE1B303D97E6D4C7181EEBDB6C57E277D0E34957114CBD6C797FC9D95D8B582D225292076D4EEF5" },
        { "message digest", "378C84A4126E2DC6E56DCC7458377AAC838D00032230F53CE1F5700C0FFB4D3B8421557659EF55C106B4B52AC5A4AAA692ED920052838F3362E86DBD37A8903E" },
        { "abcdefghijklmnopqrstuvwxyz", "F1D754662636FFE92C82EBB9212A484A8D38631EAD4238F5442EE13B8054E41B08BF2A9251C30B6A0B8AAE86177AB4A6F68F673E7207865D5D9819A3DBA4EB3B" },
        { "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "DC37E008CF9EE69BF11F00ED9ABA26901DD7C28CDEC066CC6AF42E40F82F3A1E08EBA26629129D8FB7CB57211B9281A65517CC879D7B962142C65F5A7AF01467" },
        { "12345678901234567890123456789012345678901234567890123456789012345678901234567890", "466EF18BABB0154D25B9D38A6414F5C08784372BCCB204D6549C4AFADB6014294D5BD8DF2A6C44E538CD047B2681A51A2C60481E88C5A20B2C2A80CF3A9A083B" },
        { "abcdbcdecdefdefgefghfghighijhijk", "2A987EA40F917061F5D6F0A0E4644F488A7A5A52DEEE656207C562F988E95C6916BDC8031BC5BE1B7B947639FE050B56939BAAA0ADFF9AE6745B7B181C3BE3FD" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Digests_are_those_of_the_standard(string text, string expected) =>
        Assert.Equal(expected, Convert.ToHexString(Whirlpool.HashData(Encoding.ASCII.GetBytes(text))));

    [Fact]
    public void A_million_times_the_letter_a_gives_the_digest_of_the_standard()
    {
        var expected = "0C99005BEB57EFF50A7CF005560DDF5D29057FD86B20BFD62DECA0F1CCEA4AF51FC15490EDDC47AF32BB2B66C34FF9AD8C6008AD677F77126953B226E4ED8B01";
        Assert.Equal(expected, Convert.ToHexString(Whirlpool.HashData(Enumerable.Repeat((byte)'a', 1_000_000).ToArray())));
    }

    [Fact]
    public void However_the_message_is_cut_the_digest_is_the_same() =>
        Gen.Select(Gen.Byte.Array[0, 1000], Gen.Int[0, 200].Array[0, 20]).Sample((bytes, cuts) =>
        {
            var hash = new Whirlpool();
            var at = 0;
            foreach (var cut in cuts)
            {
                var taken = Math.Min(cut, bytes.Length - at);
                hash.Append(bytes.AsSpan(at, taken));
                at += taken;
            }

            hash.Append(bytes.AsSpan(at));
            var current = new byte[64];
            var final = new byte[64];
            hash.GetCurrentHash(current);
            hash.GetHashAndReset(final);
            Assert.Equal(Whirlpool.HashData(bytes), final);
            Assert.Equal(final, current);
        });

    [Fact]
    public void A_stream_begins_anew_after_its_digest()
    {
        var hash = new Whirlpool();
        hash.Append("abc"u8);
        hash.GetHashAndReset(new byte[64]);
        hash.Append("a"u8);
        var digest = new byte[64];
        hash.GetHashAndReset(digest);
        Assert.Equal(Whirlpool.HashData("a"u8), digest);
    }

    [Fact]
    public void A_destination_that_is_too_short_is_refused() =>
        Assert.Throws<ArgumentException>(() => new Whirlpool().GetHashAndReset(new byte[63]));
}
