using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Cli.Transfers;
using Coffre.Client;

namespace Coffre.Tests.Cli;

public sealed class PlaceTests
{
    [Theory]
    [InlineData(":/", "", ":/", true)]
    [InlineData(":/A/", "", ":/A", true)]
    [InlineData("home:/A/", "b|c.txt", "home:/A/b/c.txt", false)]
    public void What_lies_below_a_place_is_named_by_its_path(string above, string names, string path, bool slash)
    {
        var place = Place.ParsePath(above).Below(names.Split('|', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(path, place.ToString());
        Assert.Equal(slash, place.EndsWithSlash);
    }

    [Theory]
    [InlineData("home:/A/b.txt", "home", "A|b.txt", false)]
    [InlineData("home:", "home", "", true)]
    [InlineData(":/", null, "", true)]
    [InlineData(":", null, "", true)]
    [InlineData("default:/A/", null, "A", true)]
    [InlineData(":/A//./b", null, "A|b", false)]
    [InlineData(":/a b/ç:d*?", null, "a b|ç:d*?", false)]
    [InlineData("my-nas_2:/x", "my-nas_2", "x", false)]
    public void A_remote_path_is_told_by_its_colon_and_slash(string text, string? profile, string names, bool slash)
    {
        var place = Assert.IsType<RemotePlace>(Place.Parse(text));

        Assert.Equal(profile, place.Profile);
        Assert.Equal(names, string.Join('|', place.Names));
        Assert.Equal(slash, place.EndsWithSlash);
    }

    [Theory]
    [InlineData("file.txt")]
    [InlineData("./-")]
    [InlineData("./home:/x")]
    [InlineData("C:/Users")]
    [InlineData("c:")]
    [InlineData("notes: today.txt")]
    [InlineData("a:b")]
    [InlineData("/home:/x")]
    public void Everything_else_is_local(string text) => Assert.Equal(text, Assert.IsType<LocalPlace>(Place.Parse(text)).Path);

    [Theory]
    [InlineData("https://1fichier.com/?abcdefghij0123456789")]
    [InlineData("https://1fichier.com/?abcdefghij0123456789&af=12")]
    [InlineData("http://127.0.0.1:8710/?abcdefghij0123456789")]
    public void A_link_is_a_link(string text) => Assert.Equal(text, Assert.IsType<LinkPlace>(Place.Parse(text)).Link);

    [Fact]
    public void A_minus_is_standard_input_or_output() => Assert.IsType<StandardPlace>(Place.Parse("-"));

    [Theory]
    [InlineData("https://example.org/page.html")]
    [InlineData("ftp://host/file")]
    [InlineData(":/A/../B")]
    [InlineData("")]
    public void What_makes_no_sense_is_refused(string text) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CliException>(() => Place.Parse(text)).ExitCode);

    [Fact]
    public void A_local_path_where_a_remote_one_is_wanted_says_how_to_write_it() =>
        Assert.Contains(":/Photos", Assert.Throws<CliException>(() => Place.ParseRemote("/Photos")).Advice, StringComparison.Ordinal);

    [Theory]
    [InlineData("plain.txt", "plain.txt")]
    [InlineData("q＇uo＂te", "q'uo\"te")]
    [InlineData("．．", "．．")]
    [InlineData("a／b", "a／b")]
    [InlineData("..", "．．")]
    [InlineData("../../etc/passwd", "..／..／etc／passwd")]
    public void A_name_of_the_service_never_leads_out_of_the_folder(string remote, string local) => Assert.Equal(local, LocalNames.Of(remote));

    [Theory]
    [InlineData("a.txt", "a (2).txt")]
    [InlineData("archive", "archive (2)")]
    [InlineData(".bashrc", ".bashrc (2)")]
    public void A_free_name_keeps_its_extension(string name, string expected) =>
        Assert.Equal(expected, IfExistsFlag.FreeName(name, candidate => candidate.Contains("(1)", StringComparison.Ordinal)));
}
