using Coffre.Hashing;
using CsCheck;

namespace Coffre.Tests.Hashing;

/// <summary>Each way to compute Whirlpool gives the bits of the portable one.</summary>
public sealed class WhirlpoolPathTests
{
    private const int LongestMessage = 4096;

    [Theory]
    [MemberData(nameof(VectorPaths))]
    public void Path_agrees_with_the_portable_one_on_every_length(string name)
    {
        var path = Require(name);
        var message = RandomBytes(LongestMessage);

        for (var length = 0; length <= LongestMessage; length++)
        {
            Assert.Equal(Hash(WhirlpoolPath.Portable, message.AsSpan(0, length)), Hash(path, message.AsSpan(0, length)));
        }
    }

    [Theory]
    [MemberData(nameof(VectorPaths))]
    public void Path_agrees_with_the_portable_one_on_any_chaining_value_and_blocks(string name)
    {
        var path = Require(name);
        var chains = Gen.ULong.Array[WhirlpoolConstants.RowCount];
        var blocks = Gen.Int[0, 8].SelectMany(count => Gen.Byte.Array[count * WhirlpoolConstants.BlockSize]);

        Gen.Select(chains, blocks).Sample((chain, bytes) =>
        {
            var expected = (ulong[])chain.Clone();
            var actual = (ulong[])chain.Clone();
            WhirlpoolCompression.Compress(WhirlpoolPath.Portable, expected, bytes);
            WhirlpoolCompression.Compress(path, actual, bytes);
            Assert.Equal(expected, actual);
        });
    }

    [Theory]
    [MemberData(nameof(AllPaths))]
    public void Hash_does_not_depend_on_how_the_message_is_split(string name)
    {
        var path = Require(name);
        var message = RandomBytes(LongestMessage);

        Gen.Select(Gen.Int[0, LongestMessage], Gen.Int[0, 200].Array).Sample((length, cuts) =>
        {
            var whirlpool = new Whirlpool(path);
            var rest = message.AsSpan(0, length);
            foreach (var cut in cuts)
            {
                var taken = Math.Min(cut, rest.Length);
                whirlpool.Append(rest[..taken]);
                rest = rest[taken..];
            }

            whirlpool.Append(rest);
            Assert.Equal(Hash(path, message.AsSpan(0, length)), whirlpool.GetHashAndReset());
        });
    }

    [Theory]
    [MemberData(nameof(AllPaths))]
    public void Blocks_may_lie_anywhere_in_memory(string name)
    {
        var path = Require(name);
        var message = RandomBytes(10 * WhirlpoolConstants.BlockSize);
        var expected = Hash(WhirlpoolPath.Portable, message);
        var room = new byte[message.Length + WhirlpoolConstants.BlockSize];

        for (var offset = 0; offset < WhirlpoolConstants.BlockSize; offset++)
        {
            message.CopyTo(room, offset);
            Assert.Equal(expected, Hash(path, room.AsSpan(offset, message.Length)));
        }
    }

    [Theory]
    [MemberData(nameof(AllPaths))]
    public void Nothing_is_allocated_per_append_or_hash(string name)
    {
        var whirlpool = new Whirlpool(Require(name));
        var message = RandomBytes(1000);
        var hash = new byte[Whirlpool.HashSizeInBytes];
        HashTwice(whirlpool, message, hash);

        Assert.Equal(0, Allocated.ByThread(() =>
        {
            for (var turn = 0; turn < 100; turn++)
            {
                HashTwice(whirlpool, message, hash);
            }
        }));
    }

    [Fact]
    public void Fastest_path_is_the_last_one_that_the_machine_supports()
    {
        var supported = Enum.GetValues<WhirlpoolPath>().Where(WhirlpoolCompression.IsSupported).ToList();

        Assert.Contains(WhirlpoolPath.Portable, supported);
        Assert.Equal(supported.Max(), WhirlpoolCompression.Fastest);
    }

    public static TheoryData<string> AllPaths() => [.. Enum.GetNames<WhirlpoolPath>()];

    public static TheoryData<string> VectorPaths() => [.. Enum.GetNames<WhirlpoolPath>().Skip(1)];

    private static WhirlpoolPath Require(string name)
    {
        var path = Enum.Parse<WhirlpoolPath>(name);
        Assert.SkipUnless(WhirlpoolCompression.IsSupported(path), $"This processor lacks the instructions of the {path} path.");
        return path;
    }

    private static void HashTwice(Whirlpool whirlpool, ReadOnlySpan<byte> message, Span<byte> hash)
    {
        whirlpool.Append(message);
        whirlpool.GetCurrentHash(hash);
        whirlpool.Append(message);
        whirlpool.GetHashAndReset(hash);
    }

    private static byte[] Hash(WhirlpoolPath path, ReadOnlySpan<byte> message)
    {
        var whirlpool = new Whirlpool(path);
        whirlpool.Append(message);
        return whirlpool.GetHashAndReset();
    }

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(20041).NextBytes(bytes);
        return bytes;
    }
}
