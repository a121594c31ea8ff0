using System.Globalization;
using Coffre.Protocol;

namespace Coffre.Cli.Profiles;

/// <summary>Says what is wrong with a text that was given as a key, without showing it.</summary>
internal static class KeyForms
{
    /// <summary>The key without blanks and line ends around it: copy and paste brings them.</summary>
    public static string Clean(string text, out bool wasTrimmed)
    {
        var key = text.Trim();
        wasTrimmed = key.Length != text.TrimEnd('\r', '\n').Length;
        return key;
    }

    /// <summary>Null for what may be a key.</summary>
    public static (string Message, string Advice)? Trouble(string key) => ApiKey.Judge(key) switch
    {
        KeyForm.Coffre or KeyForm.Foreign => null,
        KeyForm.Empty => ("is empty", "paste the key that the server printed, or the one from the console of 1fichier.com"),
        KeyForm.HasBlanks => ("has blanks or line ends inside it", "copy it again as one word"),
        KeyForm.WrongLength => (
            string.Create(CultureInfo.InvariantCulture, $"has {key.Length} characters; a key has {ApiKey.Length}"),
            "copy it again: something is missing or too much"),
        KeyForm.WrongCharacters => ("has characters that no key has", "copy it again: letters, digits, '-', '_' and '=' only"),
        _ => ("has a typing error: its last six characters do not fit the rest", "copy it again instead of typing it"),
    };
}
