using System.Text;
using Coffre.Cli.Scanning;
using Coffre.Protocol;

namespace Coffre.Tests.Scanning;

/// <summary>What counts as a key, and where in a stream it may stand.</summary>
public sealed class KeyHunterTests
{
    private readonly KeyHunter _hunter = new();

    [Fact]
    public void Keys_are_found_and_look_alikes_are_not()
    {
        for (var round = 0; round < 50; round++)
        {
            foreach (var one in KeyCase.All())
            {
                var found = Hunt(Encoding.Latin1.GetBytes(one.Text)).ToList();

                Assert.True(found.Select(hit => hit.Key).SequenceEqual(one.Key is null ? [] : [one.Key]), $"{one.Name}: {one.Text} gave {string.Join(' ', found)}");
                Assert.All(found, hit => Assert.Equal(one.Kind, hit.Kind switch { KeyKind.Coffre => "coffre", KeyKind.OneFichier => "1fichier", _ => "1fichier?" }));
            }
        }
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("latin1")]
    public void In_any_alphabet(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        var (ours, theirs) = (ApiKey.New(), KeyCase.NewForeign());

        var found = Hunt([.. encoding.Preamble, .. encoding.GetBytes($"été\n{ours}\n1fichier\napi_key={theirs}\n")]);

        Assert.Equal([new KeyHit(KeyKind.Coffre, ours, 2), new KeyHit(KeyKind.OneFichier, theirs, 4)], found);
    }

    [Fact]
    public void Wherever_a_key_stands_in_a_long_stream_it_is_found_once_with_its_line()
    {
        var (ours, theirs) = (ApiKey.New(), KeyCase.NewForeign());
        var piece = $"{ours}\n1fichier api_key={theirs}\n";

        // Around the seams of the window, byte by byte.
        foreach (var seam in new[] { 256 * 1024, 512 * 1024 })
        {
            for (var at = seam - 700; at < seam + 400; at += 7)
            {
                var filler = string.Concat(Enumerable.Repeat("0123456789012345678\n", (at / 20) + 1))[..at];
                var bytes = Encoding.ASCII.GetBytes(filler + "\n" + piece + new string('z', 1000));

                var found = Hunt(bytes);

                var line = filler.Count(c => c == '\n') + 2;
                Assert.Equal([new KeyHit(KeyKind.Coffre, ours, line), new KeyHit(KeyKind.OneFichier, theirs, line + 1)], found);
            }
        }
    }

    [Fact]
    public void A_stream_that_comes_byte_by_byte_is_the_same_as_one_that_comes_whole()
    {
        var text = string.Join('\n', KeyCase.All().Select(one => one.Text + new string('\n', 500)));
        var bytes = Encoding.Latin1.GetBytes(text);

        Assert.Equal(Hunt(bytes), _hunter.Hunt(new Drop(bytes)));
    }

    [Fact]
    public void Long_runs_of_one_alphabet_are_gone_through_in_their_own_length()
    {
        // Quadratic work would not end.
        var bytes = new byte[8 * 1024 * 1024];
        Array.Fill(bytes, (byte)'=');
        Assert.Empty(Hunt(bytes));
        Array.Fill(bytes, (byte)'a');
        Assert.Empty(Hunt(bytes));
    }

    private IReadOnlyList<KeyHit> Hunt(byte[] bytes) => [.. _hunter.Hunt(new MemoryStream(bytes))];

    private sealed class Drop(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 1));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 1)]);
    }
}
