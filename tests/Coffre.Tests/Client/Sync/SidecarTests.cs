using System.Text;
using Coffre.Client;
using Coffre.Client.Sync;
using Coffre.Protocol;
using CsCheck;

namespace Coffre.Tests.Client.Sync;

/// <summary>The format of sidecars, stand-ins for names, and what the SDK's example does.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SidecarTests
{
    private static readonly string Digest = new('a', 128);

    [Fact]
    public void A_sidecar_is_read_as_it_was_written()
    {
        var file = new SidecarFile { Name = "é\u0301\u0000", As = "x", Size = 7, Whirlpool = Digest[..32], Modified = DateTimeOffset.UnixEpoch.AddTicks(1), Mode = "0644" };
        var folder = new SidecarFolder { Name = "long", As = "short" };

        var read = Sidecar.Parse(Sidecar.Of(0x1C0, [file], [folder]).Write());

        Assert.Equal((file, folder, 0x1C0), (Assert.Single(read.Files), Assert.Single(read.Folders), Sidecar.ModeOf(read.Mode)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"coffre\":\"plan\",\"version\":1}")]
    [InlineData("{\"coffre\":\"sidecar\",\"version\":0}")]
    [InlineData("{\"coffre\":\"sidecar\",\"version\":2}")]
    [InlineData("{\"coffre\":\"sidecar\",\"version\":1,\"files\":[null]}")]
    [InlineData("{\"coffre\":\"sidecar\",\"version\":1,\"files\":[{\"size\":1}]}")]
    [InlineData("{\"coffre\":\"sidecar\",\"version\":1,\"files\":[{\"size\":\"many\"}]}")]
    [InlineData("{\"coffre\":\"sidecar\",\"version\":1,\"files\":[{\"modified\":\"yesterday\"}]}")]
    [InlineData("\0\u0001\u0002")]
    public void What_is_no_sidecar_of_this_version_is_told(string text) =>
        Assert.Throws<FormatException>(() => Sidecar.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Any_bytes_are_a_sidecar_or_told() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        try
        {
            Sidecar.Parse(bytes);
        }
        catch (FormatException)
        {
            // Told.
        }
    });

    [Fact]
    public void Every_name_gets_one_that_the_service_takes_and_different_names_get_different_ones()
    {
        var names = Gen.OneOf(Gen.String[1, 300], Gen.OneOf("ab'$ ~coffre-0123456789abcdef.é".ToCharArray()).Array[1, 270].Select(letters => new string(letters)));
        names.Sample(name => Assert.Null(Names.Check(RemoteNames.Of(name))), iter: 2000);
        Gen.Select(names, names).Sample((one, other) => Assert.Equal(one == other, RemoteNames.Of(one) == RemoteNames.Of(other)), iter: 2000);
        Assert.NotEqual(RemoteNames.Of(new string('x', 251)), RemoteNames.Of(RemoteNames.Of(new string('x', 251))));
        Assert.NotEqual(".coffre-sidecar", RemoteNames.Of(".coffre-sidecar"));
        Assert.Equal(".coffre-trash", RemoteNames.Of(".coffre-trash"));
        Assert.NotEqual(".coffre-trash", RemoteNames.Of(".coffre-trash", isTop: true));
    }

    [Fact]
    public void Halves_of_characters_survive_in_base_64()
    {
        foreach (var name in new[] { "a\ud800b", "\udc00", "plain", "\ufffd", "🎉" })
        {
            var file = new SidecarFile { Name = name, Name16 = NameText.Write(name), Size = 1, Whirlpool = Digest[..32] };
            Assert.Equal(name, Assert.Single(Sidecar.Parse(Sidecar.Of(null, [file], []).Write()).Files).TrueName);
        }
    }

    [Theory]
    [InlineData(7, "a", true)]
    [InlineData(8, "a", false)]
    [InlineData(7, "b", false)]
    [InlineData(7, null, false)]
    public void A_note_counts_for_its_size_and_content_alone(long size, string? digit, bool counts) => Assert.Equal(
        counts,
        new SidecarFile { Name = "a", Size = 7, Whirlpool = Digest[..32] }.CountsFor(new RemoteFile { Link = "x", Name = "a", Size = size, Checksum = digit is null ? null : new string(digit[0], 128) }));

    [Theory]
    [InlineData("0644", 0x1A4)]
    [InlineData("04777", 0x1FF)]
    [InlineData("9", null)]
    [InlineData("rwx", null)]
    [InlineData("", null)]
    [InlineData("07777777", null)]
    [InlineData("-1", null)]
    [InlineData("+644", null)]
    public void Of_permissions_only_the_nine_bits_count(string text, int? mode) => Assert.Equal(mode, Sidecar.ModeOf(text));

    [Fact]
    public async Task The_examples_of_the_manual_do_what_they_say()
    {
        await using var bench = await SyncBench.StartAsync();
        bench.Write("photos/a.jpg", "a");

        Assert.True(await Backups.SyncExample.BackUpAsync(bench.Client(), bench.Local("photos"), CancellationToken.None));
        Assert.True(await Backups.SyncBackExample.RestoreAsync(bench.Client(), bench.Local("restored"), bench.Local("m"), null, CancellationToken.None));
        Assert.Equal(bench.Snapshot("photos"), bench.Snapshot("restored"));
        using var index = new RemoteIndex(bench.Client());
        var node = await index.EnsurePathAsync(["Sent"]);
        Assert.Equal(1, await Backups.FolderExample.SendAsync(bench.Client(), node, bench.Local("photos"), CancellationToken.None));
        Assert.True(await Backups.FolderExample.IsHereAsync(node.FindFiles("a.jpg")[0], bench.Local("restored"), CancellationToken.None));
        Directory.Delete(bench.Local("photos"), recursive: true);
        Directory.CreateDirectory(bench.Local("photos"));
        Assert.False(await Backups.SyncExample.BackUpAsync(bench.Client(), bench.Local("photos"), CancellationToken.None));

        await bench.DownAsync("Backup/photos", "back");
        Assert.True(File.Exists(bench.Local("back/a.jpg")));
    }
}
