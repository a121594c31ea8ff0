using System.Security.Cryptography;
using Coffre.Protocol;

namespace Coffre.Tests.Scanning;

/// <summary>Texts with keys, near misses and look-alikes. Keys are made anew each time: none lies in the repository.</summary>
/// <param name="Text">What lies in a file.</param>
/// <param name="Key">The key in it; null if there is none.</param>
/// <param name="Kind"><c>coffre</c>, <c>1fichier</c>, <c>1fichier?</c>.</param>
internal sealed record KeyCase(string Name, string Text, string? Key, string Kind)
{
    private const string Foreign = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

    // What passes for an example.
    private static readonly string[] Words = ["your", "xxxx", "dummy", "sample", "example", "fichier"];

    /// <summary>Drawn until it has what nearly all have: digits, letters of both cases.</summary>
    public static string NewForeign()
    {
        while (true)
        {
            var key = RandomNumberGenerator.GetString(Foreign, ApiKey.Length);
            if (!Words.Any(word => key.Contains(word, StringComparison.OrdinalIgnoreCase)) && key.Count(char.IsAsciiDigit) >= 3 && key.Any(char.IsAsciiLetterUpper) && key.Any(char.IsAsciiLetterLower) && key.Distinct().Count() > 18)
            {
                return key;
            }
        }
    }

    public static IReadOnlyList<KeyCase> All()
    {
        var ours = () => ApiKey.New();
        return
        [
            True("plain", ours(), "{0}\n"),
            True("env", ours(), "COFFRE_API_KEY={0}\n"),
            True("json", ours(), "{{\"key\":\"{0}\",\"url\":\"https://files.example.org\"}}"),
            True("url encoded", ours(), "https://h.example/cb?x=%22{0}%22"),
            True("header", ours(), "curl -H 'Authorization: Bearer {0}' https://files.example.org\n"),
            True("in binary", ours(), "\u0001\u0002\u00ff\u0080ELF{0}\u0003\u0080\u00ff"),
            True("glued to a word", ours(), "keyis_{0}."),
            True("after a broken one", ours(), "cof_cof_{0} "),
            TrueForeign("rclone", "[home]\ntype = fichier\napi_key = {0}\n", "1fichier"),
            TrueForeign("curl", "curl https://api.1fichier.com/v1/user/info.cgi -H \"Authorization: Bearer {0}\"\n", "1fichier"),
            TrueForeign("env of 1fichier", "ONEFICHIER_API_KEY={0}\n", "1fichier"),
            TrueForeign("yaml", "onefichier:\n  api-key: '{0}'\n", "1fichier"),
            TrueForeign("php", "$api = array('host' => '1fichier.com', 'api_key' => '{0}');\n", "1fichier"),
            True("key behind words alone", NewForeign(), "api_key: {0}\n") with { Kind = "1fichier?" },
            True("bearer alone", NewForeign(), "Authorization: Bearer {0}\r\n") with { Kind = "1fichier?" },
            Miss("wrong checksum", Mistyped(ours())),
            Miss("too short", ours()[..31]),
            Miss("masked", ApiKey.Mask(ours())),
            Miss("prefix in a word", "the_cof_house is 1fichier"),
            Miss("md5 beside 1fichier", "1fichier api_key d41d8cd98f00b204e9800998ecf8427e"),
            Miss("uuid beside 1fichier", "fichier token: 123e4567-e89b-12d3-a456-42661417"),
            Miss("33 characters", "1fichier api_key=" + NewForeign() + "x"),
            Miss("whirlpool", "1fichier: " + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(64))),
            Miss("example", "1fichier api_key=your_1fichier_api_key_goes_here0"),
            Miss("one letter", "1fichier api_key=" + new string('a', 31) + "1"),
            Miss("words", "1fichier api_key=this-is-only-a-long-sentence-her"),
            Miss("nothing around", NewForeign()),
            Miss("a link", "https://1fichier.com/?abcdefghij0123456789"),
        ];
    }

    private static string Mistyped(string key) => key[..^1] + (key[^1] == 'a' ? 'b' : 'a');

    private static KeyCase True(string name, string key, string form) => new(name, string.Format(System.Globalization.CultureInfo.InvariantCulture, form, key), key, "coffre");

    private static KeyCase TrueForeign(string name, string form, string kind) => True(name, NewForeign(), form) with { Kind = kind };

    private static KeyCase Miss(string name, string text) => new(name, text, null, "");
}
