using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Coffre.Protocol;

namespace Coffre.Client.Sync;

/// <summary>Names of files and folders on the service: the encoded one, or a stand-in where that cannot be held. The sidecar knows the true one.</summary>
internal static partial class RemoteNames
{
    private const int StemLength = 60;
    private const int LongestExtension = 12;

    /// <summary>Name on the service of what is called so here.</summary>
    /// <param name="name">Local name.</param>
    /// <param name="isTop">Whether it lies in the root of the account, where the trash has a name of its own.</param>
    public static string Of(string name, bool isTop = false)
    {
        var encoded = NameEncoding.Encode(name);
        return Names.Check(encoded) is null && !StandInForm().IsMatch(encoded) && encoded is not Sidecar.FileName && !(isTop && encoded is TrashPlace.FolderName)
            ? encoded
            : StandIn(name);
    }

    private static string StandIn(string name)
    {
        var digest = SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(name.AsSpan()));
        var dot = name.LastIndexOf('.');
        var extension = dot > 0 && name.Length - dot <= LongestExtension ? Plain(name[dot..]) : "";
        var stem = Plain(name[..(name.Length - extension.Length)]);
        stem = stem[..Math.Min(StemLength, stem.Length)];
        return $"{stem}~coffre-{Convert.ToHexStringLower(digest.AsSpan(0, 8))}{extension}";
    }

    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            plain.Append(char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' ? character : '_');
        }

        return plain.ToString();
    }

    [GeneratedRegex(@"~coffre-[0-9a-f]{16}", RegexOptions.ExplicitCapture)]
    private static partial Regex StandInForm();
}
