using System.Buffers.Binary;
using System.Numerics;
using Coffre.Hashing;

namespace Coffre.Tests.Hashing;

/// <summary>The message as a stream of bytes: appending, looking, resetting, padding, streams.</summary>
public sealed class WhirlpoolTests
{
    private static readonly byte[] Abc = "abc"u8.ToArray();

    [Fact]
    public void Current_hash_does_not_disturb_the_message()
    {
        var whirlpool = new Whirlpool();
        Span<byte> early = stackalloc byte[Whirlpool.HashSizeInBytes];

        whirlpool.Append("ab"u8);
        whirlpool.GetCurrentHash(early);
        whirlpool.Append("c"u8);

        Assert.Equal(Whirlpool.HashData("ab"u8), early.ToArray());
        Assert.Equal(Whirlpool.HashData("abc"u8), whirlpool.GetHashAndReset());
    }

    [Fact]
    public void After_the_hash_a_new_message_begins()
    {
        var whirlpool = new Whirlpool();

        whirlpool.Append(new byte[100]);
        whirlpool.GetHashAndReset();
        whirlpool.Append("abc"u8);

        Assert.Equal(Whirlpool.HashData("abc"u8), whirlpool.GetHashAndReset());
        Assert.Equal(Whirlpool.HashData([]), whirlpool.GetHashAndReset());
    }

    [Fact]
    public void Reset_forgets_the_bytes_so_far()
    {
        var whirlpool = new Whirlpool();

        whirlpool.Append(new byte[100]);
        whirlpool.Reset();
        whirlpool.Append("abc"u8);

        Assert.Equal(Whirlpool.HashData("abc"u8), whirlpool.GetHashAndReset());
    }

    [Fact]
    public void Destination_that_is_too_short_is_refused_and_the_message_goes_on()
    {
        var whirlpool = new Whirlpool();
        whirlpool.Append("abc"u8);

        Assert.Throws<ArgumentException>(() => whirlpool.GetHashAndReset(new byte[63]));
        Assert.Throws<ArgumentException>(() => whirlpool.GetCurrentHash(new byte[63]));
        Assert.Throws<ArgumentException>(() => Whirlpool.HashData("abc"u8, new byte[63]));
        Assert.Equal(Whirlpool.HashData("abc"u8), whirlpool.GetHashAndReset());
    }

    [Fact]
    public void Longer_destination_keeps_its_other_bytes()
    {
        var destination = new byte[70];
        Array.Fill(destination, (byte)7);

        Assert.Equal(64, Whirlpool.HashData(Abc, destination));
        Assert.Equal(Whirlpool.HashData(Abc), destination[..64]);
        Assert.All(destination[64..], rest => Assert.Equal(7, rest));
    }

    // The message's length in bits fills 256 bits of the last block. Nobody can append 2^61 bytes in a test, so the count
    // starts high; what is expected is put together from the compression function and a number without limits.
    [Theory]
    [InlineData(8)]
    [InlineData(29)]
    [InlineData(32)]
    [InlineData(61)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(125)]
    [InlineData(127)]
    public void Length_carries_into_the_higher_words(int power)
    {
        var before = (UInt128.One << power) - WhirlpoolConstants.BlockSize;
        var message = new byte[WhirlpoolConstants.BlockSize + 5];
        var whirlpool = new Whirlpool(WhirlpoolPath.Portable, before);

        whirlpool.Append(message);

        var bits = ((BigInteger)before + message.Length) * 8;
        Assert.Equal(HashWithLength(message, bits), whirlpool.GetHashAndReset());
    }

    [Fact]
    public void Reset_forgets_the_length()
    {
        var whirlpool = new Whirlpool(WhirlpoolPath.Portable, UInt128.One << 100);

        whirlpool.Reset();

        Assert.Equal(Whirlpool.HashData([]), whirlpool.GetHashAndReset());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(300_000)]
    public async Task Streams_hash_like_their_bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var expected = Whirlpool.HashData(bytes);
        var destination = new byte[64];

        Assert.Equal(expected, Whirlpool.HashData(new MemoryStream(bytes)));
        Assert.Equal(expected, await Whirlpool.HashDataAsync(new MemoryStream(bytes)));
        Assert.Equal(64, Whirlpool.HashData(new MemoryStream(bytes), destination));
        Assert.Equal(expected, destination);
        Array.Clear(destination);
        Assert.Equal(64, await Whirlpool.HashDataAsync(new MemoryStream(bytes), destination));
        Assert.Equal(expected, destination);
    }

    [Fact]
    public async Task Stream_helpers_refuse_bad_arguments_before_they_read()
    {
        var stream = new MemoryStream(Abc);

        Assert.Throws<ArgumentException>(() => Whirlpool.HashData(stream, new byte[63]));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Whirlpool.HashDataAsync(stream, new byte[63]));
        Assert.Throws<ArgumentNullException>(() => Whirlpool.HashData((Stream)null!));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await Whirlpool.HashDataAsync(null!));
        Assert.Equal(0, stream.Position);
    }

    [Fact]
    public async Task Cancelled_stream_hash_ends_with_a_cancellation()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Whirlpool.HashDataAsync(new MemoryStream(Abc), cancelled.Token));
    }

    private static byte[] HashWithLength(byte[] message, BigInteger bits)
    {
        var padded = new byte[2 * WhirlpoolConstants.BlockSize];
        message.CopyTo(padded, 0);
        padded[message.Length] = 0x80;
        var length = bits.ToByteArray(isUnsigned: true, isBigEndian: true);
        length.CopyTo(padded, padded.Length - length.Length);

        var chain = new ulong[WhirlpoolConstants.RowCount];
        WhirlpoolCompression.Compress(WhirlpoolPath.Portable, chain, padded);
        var hash = new byte[Whirlpool.HashSizeInBytes];
        for (var row = 0; row < chain.Length; row++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(hash.AsSpan(8 * row), chain[row]);
        }

        return hash;
    }
}
