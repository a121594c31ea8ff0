using Coffre.Server.Door;
using Coffre.Server.Settings;

namespace Coffre.Tests.Serving;

public sealed class SettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coffre-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_default_is_within_its_own_range() =>
        Assert.All(SettingList.All, setting => Assert.True(setting.Fits(setting.Default) && setting.Fits(setting.StrictDefault ?? setting.Default), setting.Key));

    [Theory]
    [InlineData("Listen:Port", "99999", "0 to 65535")]
    [InlineData("Uploads:Files", "0", "1 to 10000")]
    [InlineData("Uploads:Anonymous", "yes", "true or false")]
    [InlineData("Listen:Address", "here", "IP address")]
    [InlineData("Public:Address", "files.example.org", "http(s)://host[:port]")]
    [InlineData("Public:Address", "https://example.org/path", "http(s)://host[:port]")]
    [InlineData("Limits:JsonBytes", "12 parsecs", "64 MiB")]
    [InlineData("Storage:Durability", "maybe", "strict, relaxed")]
    [InlineData("Mail:From", "nobody", "an e-mail address")]
    [InlineData("Remote:AllowNetworks", "banana", "CIDR")]
    [InlineData("Remote:Ports", "80,x", "port numbers")]
    [InlineData("Limits:TrustedProxies", "10.0.0.0/99", "CIDR")]
    [InlineData("Scan:Clamd", "there", "address:port")]
    [InlineData("Ftp:PassivePorts", "5-1", "FIRST-LAST")]
    [InlineData("Public:Domains", "files.example.org", "http(s)://host[:port]")]
    public void A_wrong_value_is_refused_with_key_value_and_range(string key, string value, string range)
    {
        var refused = Assert.Throws<SettingException>(() => Load((key, value)));
        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
        Assert.Contains(value, refused.Message, StringComparison.Ordinal);
        if (key != "Limits:JsonBytes")
        {
            Assert.Contains(range, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_name_that_does_not_exist_is_refused() =>
        Assert.Contains("Uploads:Fils", Assert.Throws<SettingException>(() => Load(("Uploads:Fils", "1"))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_command_line_is_stronger_than_the_file_and_the_file_than_the_default()
    {
        File.WriteAllText(Path.Combine(_folder, "coffre-server.json"), """{"Uploads":{"Files":"7","Anonymous":"true"}}""");
        var settings = Load(("Uploads:Files", "9"));
        Assert.Equal(9, settings.Int(SettingList.MaxFiles));
        Assert.True(settings.Flag(SettingList.Anonymous));
        Assert.Equal(8710, settings.Int(SettingList.ListenPort));
    }

    [Fact]
    public void A_file_that_is_not_json_is_refused_by_its_path()
    {
        var file = Path.Combine(_folder, "coffre-server.json");
        File.WriteAllText(file, "{");
        Assert.Contains(file, Assert.Throws<SettingException>(() => Load()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("512", 512)]
    [InlineData("10KB", 10_000)]
    [InlineData("1.5 GiB", 1_610_612_736)]
    [InlineData("2tb", 2_000_000_000_000)]
    public void Sizes_are_read_as_people_write_them(string text, long bytes)
    {
        Assert.True(ByteCount.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GB")]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("99999999999 PB")]
    public void What_is_no_size_is_refused(string text) => Assert.False(ByteCount.TryParse(text, out _));

    [Theory]
    [InlineData("key cof_0123456789abcdefghijABCDEFGH end", "cof_")]
    [InlineData("Authorization: Bearer abc.def", "abc.def")]
    [InlineData("GET /p123456789012345678901234567890", "1234567890")]
    [InlineData("POST /remove/abcde12345/sEcReT12", "sEcReT12")]
    public void Secrets_are_taken_out_of_log_lines(string line, string secret) =>
        Assert.DoesNotContain(secret, Redactor.Clean(line), StringComparison.Ordinal);

    private ServerSettings Load(params (string Key, string Value)[] pairs) =>
        SettingsLoader.Load(_folder, pairs.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
}
