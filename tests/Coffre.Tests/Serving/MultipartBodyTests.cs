using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Coffre.Protocol;
using Coffre.Server.Uploads;
using CsCheck;

namespace Coffre.Tests.Serving;

public sealed class MultipartBodyTests
{
    private const string Boundary = "b0undary";

    // Content that looks like the beginnings of delimiters, so that every seam is tried.
    private static readonly Gen<byte[]> Content = Gen.OneOf(
            Gen.Const("\r\n--b0undar"), Gen.Const("\r"), Gen.Const("\n"), Gen.Const("--"), Gen.Const("\r\n--"), Gen.Const("x"),
            Gen.Const("\r\r\n--b0"), Gen.Const("--b0undary"), Gen.Const("\0\u00ff"))
        .Array[0, 12].Select(pieces => Encoding.Latin1.GetBytes(string.Concat(pieces)))
        .Where(bytes => !Encoding.Latin1.GetString(bytes).Contains("\r\n--b0undary", StringComparison.Ordinal)
            && !Encoding.Latin1.GetString(bytes).StartsWith("--b0undary", StringComparison.Ordinal));

    private static readonly Gen<(byte[][] Parts, int[] Cuts)> Forms = Gen.Select(Content.Array[1, 5], Gen.Int[1, 40].Array[1, 60]);

    [Fact]
    public async Task Whatever_the_parts_hold_and_however_they_arrive_they_come_back()
    {
        await Forms.SampleAsync(async form =>
        {
            var body = Body(Write(form.Parts), form.Cuts);
            Assert.Equal(form.Parts, (await ReadAllAsync(body)).Select(part => part.Bytes));
        });
    }

    [Fact]
    public async Task A_body_that_is_cut_anywhere_is_refused_and_shows_no_part_too_many()
    {
        var parts = new[] { "first"u8.ToArray(), "\r\n--b0undar"u8.ToArray(), [] };
        var whole = Write(parts);
        var end = whole.AsSpan().IndexOf("--b0undary--"u8) + "--b0undary--".Length;
        for (var length = 0; length < end; length++)
        {
            var body = Body(whole[..length], [7]);
            var read = new List<byte[]>();
            await Assert.ThrowsAsync<MultipartException>(() => ReadAllAsync(body, read));
            Assert.Equal(parts.Take(read.Count), read);
        }
    }

    [Fact]
    public async Task Preamble_and_epilogue_are_passed_over()
    {
        var bytes = Encoding.ASCII.GetBytes($"hello\r\n{Encoding.ASCII.GetString(Write(["x"u8.ToArray()]))}goodbye");
        Assert.Equal("x", Encoding.ASCII.GetString(Assert.Single(await ReadAllAsync(Body(bytes, [3]))).Bytes));
    }

    [Fact]
    public async Task A_part_without_a_line_for_its_body_is_empty()
    {
        var bytes = "--b0undary\r\nContent-Disposition: form-data; name=\"a\"; filename=\"f\"\r\n\r\n--b0undary--\r\n"u8.ToArray();
        Assert.Empty(Assert.Single(await ReadAllAsync(Body(bytes, [5]))).Bytes);
    }

    [Theory]
    [InlineData("form-data; name=\"file[]\"; filename=\"a.txt\"", "file[]", "a.txt")]
    [InlineData("form-data; name=did", "did", null)]
    [InlineData("form-data; name=\"f\"; filename=\"a\\\"b;c\"", "f", "a\"b;c")]
    [InlineData("form-data; filename=\"\"; name=\"f\"", "f", "")]
    [InlineData("form-data; name=\"f\"; filename=\"C:\\dir\\x\"", "f", "C:\\dir\\x")]
    [InlineData("form-data; name=\"f\"; filename=\"100%22.txt\"", "f", "100%22.txt")]
    [InlineData("form-data; name=\"f\"; filename=\"h\u00e9 \u65e5\u672c.txt\"", "f", "h\u00e9 \u65e5\u672c.txt")]
    public void The_disposition_of_a_part_gives_field_and_file_name(string disposition, string name, string? fileName) =>
        Assert.Equal(new MultipartPart(name, fileName), MultipartPart.Parse(Encoding.UTF8.GetBytes($"\r\nContent-Length: 3\r\nContent-Disposition: {disposition}")));

    [Fact]
    public void A_name_that_is_not_unicode_is_taken_as_latin_1() =>
        Assert.Equal("\u00e9", MultipartPart.Parse([.. "Content-Disposition: form-data; name=\"f\"; filename=\""u8, 0xE9, (byte)'"']).FileName);

    [Fact]
    public async Task More_parts_than_allowed_are_refused()
    {
        var reader = new MultipartBody(Feed(Write([[], [], []]), [100]), Boundary, maxParts: 2);
        await reader.NextPartAsync(CancellationToken.None);
        await reader.NextPartAsync(CancellationToken.None);
        var refused = await Assert.ThrowsAsync<MultipartException>(async () => await reader.NextPartAsync(CancellationToken.None));
        Assert.Equal(KoCode.UploadTooManyParts, refused.Code);
    }

    [Fact]
    public void The_search_over_buffers_finds_what_a_naive_search_finds() =>
        Gen.Select(Gen.Char["ab\r"].Array[0, 200], Gen.Int[1, 9].Array[1, 80], Gen.Char["ab\r"].Array[1, 5]).Sample((text, cuts, needle) =>
        {
            var bytes = Encoding.ASCII.GetBytes(text);
            var expected = new string(text).IndexOf(new string(needle), StringComparison.Ordinal);
            var found = DelimiterSearch.Find(Segments(bytes, cuts), Encoding.ASCII.GetBytes(needle));
            Assert.Equal(expected < 0 ? null : expected, found);
        });

    private static byte[] Write(byte[][] parts)
    {
        using var body = new MemoryStream();
        foreach (var part in parts)
        {
            body.Write(Encoding.ASCII.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"file[]\"; filename=\"f\"\r\n\r\n"));
            body.Write(part);
            body.Write("\r\n"u8);
        }

        body.Write(Encoding.ASCII.GetBytes($"--{Boundary}--\r\n"));
        return body.ToArray();
    }

    private static MultipartBody Body(byte[] bytes, int[] cuts) => new(Feed(bytes, cuts), Boundary, maxParts: 100);

    private static PipeReader Feed(byte[] bytes, int[] cuts)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: 16));
        _ = Task.Run(async () =>
        {
            for (int at = 0, i = 0; at < bytes.Length; i++)
            {
                var length = Math.Min(cuts[i % cuts.Length], bytes.Length - at);
                await pipe.Writer.WriteAsync(bytes.AsMemory(at, length));
                at += length;
            }

            await pipe.Writer.CompleteAsync();
        });
        return pipe.Reader;
    }

    private static async Task<List<(string? Name, byte[] Bytes)>> ReadAllAsync(MultipartBody body, List<byte[]>? seen = null)
    {
        var parts = new List<(string?, byte[])>();
        while (await body.NextPartAsync(CancellationToken.None) is { } part)
        {
            using var bytes = new MemoryStream();
            while (true)
            {
                var data = await body.ReadAsync(CancellationToken.None);
                if (data.IsEmpty)
                {
                    break;
                }

                bytes.Write(data.ToArray());
            }

            parts.Add((part.FileName, bytes.ToArray()));
            seen?.Add(bytes.ToArray());
        }

        return parts;
    }

    private static ReadOnlySequence<byte> Segments(byte[] bytes, int[] cuts)
    {
        Segment? first = null, last = null;
        for (int at = 0, i = 0; at < bytes.Length; i++)
        {
            var length = Math.Min(cuts[i % cuts.Length], bytes.Length - at);
            last = new Segment(bytes.AsMemory(at, length), last);
            first ??= last;
            at += length;
        }

        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
