using System.Diagnostics;
using Coffre.Client.Filters;
using CsCheck;

namespace Coffre.Tests.Client;

/// <summary>Filters: what patterns match, which rule decides, and that a walk finds what a list of all would.</summary>
public sealed class PathFilterTests
{
    private static readonly DateTimeOffset Now = new(2031, 5, 10, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<string> Names = Gen.OneOf("a", "b", "ab", "c.txt", "A", "b.c");

    private static readonly Gen<string> Paths = Names.Array[1, 4].Select(names => string.Join('/', names));

    private static readonly Gen<string> Patterns = Gen.Select(
        Gen.OneOf("", "/"),
        Gen.OneOf("a", "b", "c", "/", "*", "**", "?", ".txt", "{a,b}", "[a-c]", "[!a]", "{a/b,c**}", "{{.}}", "\\*").Array[1, 5],
        Gen.OneOf("", "/", "/**", "/*"),
        (start, middle, end) => start + string.Concat(middle) + end);

    [Theory]
    [InlineData("file.jpg", "file.jpg dir/file.jpg", "afile.jpg dir/afile.jpg file.jpg/x")]
    [InlineData("/file.jpg", "file.jpg", "afile.jpg dir/file.jpg")]
    [InlineData("*.jpg", "file.jpg dir/file.jpg .jpg", "file.png dir/file.jpg/x")]
    [InlineData("*.{jpg,png}", "a.jpg d/a.png", "a.gif a.{jpg,png}")]
    [InlineData("{a{b,c},d}", "ab ac d", "a b abc")]
    [InlineData("dir/**", "dir/any subdir/dir/deep/any", "file.png dir")]
    [InlineData("*.t?t", "file.txt dir/file.tzt a.t🎉t", "file.qxt file.tt")]
    [InlineData("*.[a-z]", "file.a dir/file.b", "file.0 file.A")]
    [InlineData("[!a-c]", "d 🎉", "a b dd")]
    [InlineData("[^a-c]x", "dx 🎉x", "ax a/x x")]
    [InlineData("[]-]", "", "")]
    [InlineData("x[[:digit:]_-]", "x1 x_ x-", "xa x1_")]
    [InlineData(@"*.\?\?\?", "file.???", "file.abc")]
    [InlineData(@"*.\d\d\d", "file.012 dir/file.345", "file.abc file.٠١٢")]
    [InlineData("*.{{jpe?g}}", "file.jpeg file.jpg", "file.png file.jpeeg")]
    [InlineData(@"/{{.*\.jpe?g}}", "file.jpeg dir/file.jpg", "file.png")]
    [InlineData("{{(?i)readme}}", "README d/ReadMe", "readme.md")]
    [InlineData("{{a{2}}}", "aa", "a aaa")]
    [InlineData("a.b(c)+|^$", "a.b(c)+|^$", "aXb(c)+|^$")]
    [InlineData("**", "a a/b", "")]
    [InlineData("a,b", "a,b", "a b")]
    public void A_pattern_matches_what_it_should_and_nothing_else(string pattern, string matches, string others)
    {
        if (pattern == "[]-]")
        {
            Assert.Throws<FormatException>(() => PathFilter.FromRules("- " + pattern));
            return;
        }

        var filter = PathFilter.FromRules("+ " + pattern, "- *");
        Assert.All(matches.Split(' ', StringSplitOptions.RemoveEmptyEntries), path => Assert.True(filter.Judge(new FilterItem(path)).Included, path));
        Assert.All(others.Split(' ', StringSplitOptions.RemoveEmptyEntries), path => Assert.False(filter.Judge(new FilterItem(path)).Included, path));
    }

    [Theory]
    [InlineData("***", "stars")]
    [InlineData("a[", "'['")]
    [InlineData("a]", "']'")]
    [InlineData("{a", "'{'")]
    [InlineData("a}", "'}'")]
    [InlineData("{{a", "'{{'")]
    [InlineData(@"a\", @"'\'")]
    [InlineData("[[:nothing:]]", "no class")]
    [InlineData("[🎉]", "U+FFFF")]
    [InlineData("[z-a]", "no pattern")]
    [InlineData("{{(}}", "no pattern")]
    [InlineData(@"{{(a)\1}}", "no pattern")]
    [InlineData("{{a(?=b)}}", "no pattern")]
    [InlineData("", "1 to 4096")]
    public void A_wrong_pattern_is_refused_with_its_place_and_reason(string pattern, string reason)
    {
        var refusal = Assert.Throws<FormatException>(() => PathFilter.FromRules("+ a", "- " + pattern));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("rule 2: ", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("-a")]
    [InlineData("* a")]
    [InlineData(" - a")]
    public void What_is_no_rule_is_refused(string rule) => Assert.Throws<FormatException>(() => PathFilter.FromRules(rule));

    [Fact]
    public void A_pattern_made_to_take_for_ever_does_not()
    {
        var filter = PathFilter.FromRules("- " + string.Concat(Enumerable.Repeat("*a", 30)) + "b", "- {{(a|a)*(a+)+b}}");
        var clock = Stopwatch.StartNew();

        Assert.True(filter.Judge(new FilterItem(new string('a', 20_000))).Included);

        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    [Fact]
    public void The_first_rule_that_matches_decides_and_is_named()
    {
        var filter = PathFilter.Create(
            new PathFilterOptions
            {
                Include = [new FilterLine("*.txt", "--include")],
                Exclude = [new FilterLine("secret*", "list:3")],
                Filter = [new FilterLine("+ *.md", "--filter")],
            },
            Now);

        Assert.Equal(new FilterVerdict(true, "+ *.txt (--include)"), filter.Judge(new FilterItem("secret.txt")));
        Assert.Equal(new FilterVerdict(false, "- secret* (list:3)"), filter.Judge(new FilterItem("a/secret.md")));
        Assert.Equal(new FilterVerdict(true, "+ *.md (--filter)"), filter.Judge(new FilterItem("x.md")));
        Assert.Equal(new FilterVerdict(false, "- /** (the rest, for there is an include)"), filter.Judge(new FilterItem("x.png")));
        Assert.Equal(new FilterVerdict(true, "no rule matches"), PathFilter.FromRules("- a").Judge(new FilterItem("b")));
    }

    [Fact]
    public void An_exclamation_mark_forgets_what_was_before() =>
        Assert.Equal("- *.c (rule 3)", PathFilter.FromRules("- *", "!", "- *.c").Judge(new FilterItem("x.c")).Rule);

    [Fact]
    public void Case_counts_unless_it_is_not_to()
    {
        var options = new PathFilterOptions { Exclude = [new FilterLine("*.JPG", "x")] };

        Assert.True(PathFilter.Create(options, Now).Judge(new FilterItem("a.jpg")).Included);
        Assert.False(PathFilter.Create(options with { IgnoreCase = true }, Now).Judge(new FilterItem("a.jpg")).Included);
    }

    [Theory]
    [InlineData(9, 5, "smaller")]
    [InlineData(10, 5, null)]
    [InlineData(20, 5, null)]
    [InlineData(21, 5, "larger")]
    [InlineData(15, 1, "younger")]
    [InlineData(15, 2, null)]
    [InlineData(15, 8, null)]
    [InlineData(15, 9, "older")]
    public void Sizes_and_ages_count_with_both_ends(long size, int days, string? reason)
    {
        var filter = PathFilter.Create(new PathFilterOptions { MinSize = 10, MaxSize = 20, MinAge = TimeSpan.FromDays(2), MaxAge = TimeSpan.FromDays(8) }, Now);

        var verdict = filter.Judge(new FilterItem("a", false, size, Now.AddDays(-days)));

        Assert.Equal(reason is null, verdict.Included);
        Assert.Contains(reason ?? "no rule", verdict.Rule, StringComparison.Ordinal);
        Assert.True(filter.Judge(new FilterItem("a")).Included);
        Assert.True(filter.Judge(new FilterItem("a", IsFolder: true)).Included);
    }

    [Fact]
    public void Ages_that_exclude_each_other_are_refused() => Assert.Throws<FormatException>(
        () => PathFilter.Create(new PathFilterOptions { MinAge = TimeSpan.FromDays(2), MaxAge = TimeSpan.FromDays(1) }, Now));

    [Fact]
    public void A_list_of_files_means_these_alone_and_goes_with_no_rule()
    {
        var filter = PathFilter.Create(new PathFilterOptions { Files = ["/a/b/c", "d"] }, Now);

        Assert.Equal([true, true, false, false], new[] { "a/b/c", "d", "a/b", "a/d" }.Select(path => filter.Judge(new FilterItem(path)).Included));
        Assert.Equal([true, true, true, false, false], new[] { "", "a", "a/b", "a/b/c", "e" }.Select(filter.MayHold));
        Assert.Throws<FormatException>(() => PathFilter.Create(new PathFilterOptions { Files = [], MinSize = 1 }, Now));
        Assert.Throws<FormatException>(() => PathFilter.Create(new PathFilterOptions { Files = [], Exclude = [new FilterLine("a", "x")] }, Now));
    }

    [Fact]
    public void Folders_that_need_no_look_are_told()
    {
        Assert.False(PathFilter.FromRules("- /node_modules/").MayHold("node_modules"));
        Assert.True(PathFilter.FromRules("- /node_modules/").MayHold("a/node_modules"));
        Assert.False(PathFilter.FromRules("- node_modules/").MayHold("a/node_modules"));
        Assert.False(PathFilter.FromRules("+ /a/b/*.txt", "- *").MayHold("c"));
        Assert.False(PathFilter.FromRules("+ /a/b/*.txt", "- **").MayHold("a/b/c"));
        Assert.True(PathFilter.FromRules("+ /a/b/*.txt", "- *").MayHold("a/b"));
        Assert.True(PathFilter.FromRules("+ /a/**/x", "- *").MayHold("a/q/r"));
        Assert.True(PathFilter.FromRules("+ *.txt", "- *").MayHold("q/r"));
        Assert.False(PathFilter.FromRules("+ /keep/", "- *").MayHold("keep"));
    }

    [Fact]
    public void A_folder_itself_takes_part_unless_all_in_it_is_left_out()
    {
        Assert.True(PathFilter.FromRules("- *.tmp").Judge(new FilterItem("a", IsFolder: true)).Included);
        Assert.False(PathFilter.FromRules("- a/").Judge(new FilterItem("a", IsFolder: true)).Included);
        Assert.False(PathFilter.FromRules("+ *.jpg", "- *").Judge(new FilterItem("a", IsFolder: true)).Included);
        Assert.True(PathFilter.FromRules("+ a/", "- *").Judge(new FilterItem("a/", IsFolder: true)).Included);
    }

    [Fact]
    public void A_walk_that_follows_the_filter_misses_nothing() => Gen.Select(Gen.Select(Gen.Bool, Patterns).Array[1, 4], Paths).Sample((rules, path) =>
    {
        PathFilter filter;
        try
        {
            filter = PathFilter.FromRules(rules.Select(rule => (rule.Item1 ? "+ " : "- ") + rule.Item2));
        }
        catch (FormatException)
        {
            return;
        }

        if (filter.Judge(new FilterItem(path)).Included)
        {
            for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
            {
                Assert.True(filter.MayHold(path[..slash]), path[..slash]);
            }
        }
    }, iter: 3_000);

    [Fact]
    public void A_marker_excludes_the_folder_that_holds_it()
    {
        var filter = PathFilter.Create(new PathFilterOptions { ExcludeIfPresent = [".ignore", "cache/"] }, Now);

        Assert.Contains(".ignore", filter.MarkerAmong(["a", ".ignore"], []), StringComparison.Ordinal);
        Assert.NotNull(filter.MarkerAmong([], ["cache"]));
        Assert.Null(filter.MarkerAmong(["a", "cache"], [".ignore"]));
        Assert.Null(PathFilter.All.MarkerAmong([".ignore"], []));
    }

    [Theory]
    [InlineData("100B", 100)]
    [InlineData("50", 50 * 1024)]
    [InlineData("50k", 50 * 1024)]
    [InlineData("1.5M", 3 * 512 * 1024)]
    [InlineData("2GiB", 2L << 30)]
    [InlineData("2Gi", 2L << 30)]
    [InlineData("2GB", 2L << 30)]
    [InlineData("1p", 1L << 50)]
    [InlineData("0", 0)]
    public void Sizes_are_read_as_rclone_reads_them(string text, long bytes) => Assert.Equal((true, bytes), (SizeWord.TryParse(text, out var read), read));

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("B")]
    [InlineData("-1")]
    [InlineData("1X")]
    [InlineData("1 M")]
    [InlineData("8E")]
    [InlineData("1e3")]
    [InlineData("99999999999999999999999999999999")]
    public void What_is_no_size_is_refused(string? text) => Assert.False(SizeWord.TryParse(text, out _));

    [Theory]
    [InlineData("90", 90)]
    [InlineData("1.5h", 5400)]
    [InlineData("1h30m", 5400)]
    [InlineData("2d", 172_800)]
    [InlineData("1w", 604_800)]
    [InlineData("1M", 2_592_000)]
    [InlineData("1y", 31_536_000)]
    [InlineData("2031-05-10", 43_200)]
    [InlineData("2031-05-10 11:00:00", 3600)]
    [InlineData("2031-05-10T11:00:00Z", 3600)]
    [InlineData("2031-05-10T11:00:00+02:00", 10_800)]
    public void Ages_are_read_as_rclone_reads_them(string text, double seconds) => Assert.Equal((true, seconds), (AgeWord.TryParse(text, Now, out var age), age.TotalSeconds));

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("d")]
    [InlineData("-1d")]
    [InlineData("1x")]
    [InlineData("1d2")]
    [InlineData("99999999y")]
    [InlineData("2031-13-01")]
    public void What_is_no_age_is_refused(string? text) => Assert.False(AgeWord.TryParse(text, Now, out _));
}
