using System.Net;
using System.Net.Http.Headers;
using Coffre.Client;
using Coffre.Client.Testing;
using Coffre.Client.Downloads;
using Coffre.Hashing;
using Coffre.Protocol.V1;

namespace Coffre.Tests.Client;

/// <summary>Downloads that are cut, expire, change or go on.</summary>
public sealed class DownloadTests : IDisposable
{
    private const string Link = "https://files.example.org/?abcdefghij0123456789";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coffre-get-");
    private readonly byte[] _content = new byte[1_000_000];
    private readonly FakeService _service = new();
    private readonly RemoteFile _file;
    private int _tokens;

    public DownloadTests()
    {
        new Random(1).NextBytes(_content);
        _file = new RemoteFile { Link = Link, Name = "a.bin", Size = _content.Length, Checksum = Convert.ToHexStringLower(Whirlpool.HashData(_content)) };
        _service.On(V1Paths.DownloadToken, _ => FakeService.Json($$"""{"status":"OK","url":"https://files.example.org/d?t={{++_tokens}}"}"""));
    }

    private string Target => Path.Combine(_folder.FullName, "a.bin");

    private string PartPath => PartFile.PathFor(Target, _file);

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<DownloadResult> GetAsync(RemoteFile? file = null) => _service.Client().DownloadAsync(file ?? _file, Target);

    private HttpResponseMessage Serve(FakeRequest asked, int cutAfter = int.MaxValue, string tag = "\"v1\"") => Bytes.Serve(_content, asked, cutAfter, tag);

    private void AssertWhole(DownloadResult result)
    {
        Assert.Equal(_content, File.ReadAllBytes(Target));
        Assert.True(result.IsVerified);
        Assert.Equal(_file.Checksum, result.Checksum);
        Assert.False(File.Exists(PartPath));
    }

    [Fact]
    public async Task A_file_comes_whole_and_is_compared_with_its_checksum()
    {
        _service.On("/d", asked => Serve(asked));

        AssertWhole(await GetAsync());

        Assert.Null(_service.Last("/d").Request.Headers.Range);
    }

    [Fact]
    public async Task A_cut_connection_goes_on_at_the_next_byte_with_a_new_address()
    {
        _service.On("/d", asked => Serve(asked, cutAfter: 300_000)).On("/d", asked => Serve(asked, cutAfter: 123_456)).On("/d", asked => Serve(asked));

        AssertWhole(await GetAsync());

        var last = _service.Last("/d");
        Assert.Equal("?t=3", last.Uri.Query);
        Assert.Equal(423_456, last.Request.Headers.Range!.Ranges.Single().From);
        Assert.Equal("\"v1\"", last.Request.Headers.IfRange!.EntityTag!.Tag);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(410)]
    public async Task An_address_that_expired_is_replaced(int status)
    {
        _service.On("/d", asked => Serve(asked, cutAfter: 500_000))
            .On("/d", _ => FakeService.Html("<title>expired</title>", (HttpStatusCode)status))
            .On("/d", asked => Serve(asked));

        AssertWhole(await GetAsync());

        Assert.Equal(3, _tokens);
    }

    [Fact]
    public async Task Another_run_goes_on_where_the_first_stopped()
    {
        await File.WriteAllBytesAsync(PartPath, _content[..700_000]);
        _service.On("/d", asked => Serve(asked));

        var result = await GetAsync();

        AssertWhole(result);
        Assert.Equal(700_000, result.ResumedFrom);
        Assert.Equal(700_000, _service.Last("/d").Request.Headers.Range!.Ranges.Single().From);
    }

    [Fact]
    public async Task A_stopped_download_leaves_its_part_for_the_next_run()
    {
        using var stop = new CancellationTokenSource();
        _service.On("/d", asked => Serve(asked));
        var options = new DownloadOptions { Progress = new StopAt(stop, 200_000) };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _service.Client().DownloadAsync(_file, Target, options, stop.Token));

        Assert.False(File.Exists(Target));
        Assert.InRange(new FileInfo(PartPath).Length, 200_000, 999_999);
    }

    [Fact]
    public async Task A_part_that_was_complete_needs_no_request()
    {
        await File.WriteAllBytesAsync(PartPath, _content);

        AssertWhole(await GetAsync());

        Assert.Empty(_service.Asked);
    }

    [Fact]
    public async Task A_part_that_was_damaged_on_this_disk_is_fetched_again()
    {
        await File.WriteAllBytesAsync(PartPath, new byte[400_000]);
        _service.On("/d", asked => Serve(asked));

        AssertWhole(await GetAsync());

        Assert.Contains("does not agree", Assert.Single(_service.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_part_of_another_version_is_not_continued()
    {
        await File.WriteAllBytesAsync(PartFile.PathFor(Target, _file with { Checksum = new string('0', 128) }), new byte[400_000]);
        _service.On("/d", asked => Serve(asked));

        AssertWhole(await GetAsync());

        Assert.Null(_service.Last("/d").Request.Headers.Range);
    }

    [Fact]
    public async Task A_file_that_changes_between_two_connections_is_noticed()
    {
        _service.On("/d", asked => Serve(asked, cutAfter: 300_000)).On("/d", asked => Serve(asked, tag: "\"v2\""));

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => GetAsync());

        Assert.Equal(CoffreError.RemoteChanged, trouble.Error);
        Assert.False(File.Exists(Target));
        Assert.Equal(0, new FileInfo(PartPath).Length);
    }

    [Fact]
    public async Task A_file_of_another_size_is_noticed()
    {
        _service.On("/d", asked => Serve(asked));

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => GetAsync(_file with { Size = 999 }));

        Assert.Equal(CoffreError.RemoteChanged, trouble.Error);
    }

    [Fact]
    public async Task A_server_that_does_no_ranges_is_read_from_the_start_and_past_what_is_here()
    {
        await File.WriteAllBytesAsync(PartPath, _content[..700_000]);
        _service.On("/d", asked =>
        {
            asked.Request.Headers.Range = null;
            return Serve(asked);
        });

        AssertWhole(await GetAsync());
    }

    [Fact]
    public async Task Wrong_bytes_never_get_the_name()
    {
        _service.On("/d", asked => Serve(asked));
        await File.WriteAllTextAsync(Target, "old");

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => GetAsync(_file with { Checksum = new string('0', 128) }));

        Assert.Equal(CoffreError.Integrity, trouble.Error);
        Assert.Equal("old", await File.ReadAllTextAsync(Target));
        Assert.Empty(_folder.EnumerateFiles("*.part"));
    }

    [Fact]
    public async Task A_page_instead_of_the_file_is_not_saved()
    {
        _service.On("/d", _ => FakeService.Html("<div class=\"bloc2\">Premium status must not be used on professional services</div>"));

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => _service.Client(change: options => options with { Retries = 1 }).DownloadAsync(_file, Target));

        Assert.Contains("professional services", trouble.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task A_file_that_is_gone_is_told_by_the_token_call_at_once()
    {
        var service = new FakeService().On(V1Paths.DownloadToken, """{"status":"KO","message":"Resource not found #469"}""", HttpStatusCode.NotFound);

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => service.Client().DownloadAsync(_file, Target));

        Assert.Equal(CoffreError.NotFound, trouble.Error);
        Assert.Single(service.Asked);
    }

    [Fact]
    public async Task An_empty_file_needs_no_request()
    {
        var result = await GetAsync(_file with { Size = 0, Checksum = Convert.ToHexStringLower(Whirlpool.HashData([])) });

        Assert.Equal(0, result.Size);
        Assert.Empty(await File.ReadAllBytesAsync(Target));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_a_trouble_of_this_machine()
    {
        var trouble = await Assert.ThrowsAsync<CoffreException>(() => _service.Client().DownloadAsync(_file, Path.Combine(_folder.FullName, "no", "such", "a.bin")));

        Assert.Equal(CoffreError.LocalFile, trouble.Error);
    }

    [Fact]
    public async Task The_part_of_a_very_long_name_still_fits_beside_it()
    {
        var name = new string('é', 127);
        _service.On("/d", asked => Serve(asked));

        await _service.Client().DownloadAsync(_file, Path.Combine(_folder.FullName, name));

        Assert.True(File.Exists(Path.Combine(_folder.FullName, name)));
    }

    [Theory]
    [InlineData(0, null, 1_000_000)]
    [InlineData(1000, 10L, 10)]
    [InlineData(999_990, 100L, 10)]
    public async Task A_range_is_poured_into_a_stream(long offset, long? count, int expected)
    {
        _service.On("/d", asked =>
        {
            // As real servers: a range that ends past the end is cut to it.
            if (asked.Request.Headers.Range is { } range)
            {
                var one = range.Ranges.Single();
                asked.Request.Headers.Range = new RangeHeaderValue(one.From, Math.Min(one.To ?? long.MaxValue, _content.Length - 1));
            }

            return Serve(asked);
        });
        using var sink = new MemoryStream();

        var written = await _service.Client().CopyToAsync(Link, sink, offset, count);

        Assert.Equal(expected, written);
        Assert.Equal(_content.AsSpan((int)offset, expected).ToArray(), sink.ToArray());
    }

    [Fact]
    public async Task A_range_past_the_end_gives_nothing()
    {
        _service.On("/d", _ =>
        {
            var answer = FakeService.Json("{}", HttpStatusCode.RequestedRangeNotSatisfiable);
            answer.Content.Headers.ContentRange = new ContentRangeHeaderValue(_content.Length);
            return answer;
        });

        Assert.Equal(0, await _service.Client().CopyToAsync(Link, Stream.Null, offset: 2_000_000));
    }

    private sealed class StopAt(CancellationTokenSource stop, long position) : IProgress<long>
    {
        public void Report(long value)
        {
            if (value >= position)
            {
                stop.Cancel();
            }
        }
    }
}
