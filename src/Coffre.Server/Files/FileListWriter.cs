using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Door;

namespace Coffre.Server.Files;

/// <summary>Writes rows of <see cref="FileTable.Scan"/> as the items of <c>file/ls.cgi</c>: bytes of the catalog to bytes on the wire, no object for a row.</summary>
/// <remarks>The same bytes as the serializer's for a <see cref="Coffre.Protocol.V1.FileItem"/>; <c>FileListWriterTests</c> compares them.</remarks>
/// <param name="address">What links show.</param>
/// <param name="request">Who asks, for addresses that are the caller's.</param>
/// <param name="hidesLinks">Whether links are left out.</param>
internal sealed class FileListWriter(PublicAddress address, HttpRequest request, bool hidesLinks)
{
    // All that is written of a row beside its name and link, whose bytes may become six each.
    private const int FixedLength = 1024;
    private const int MostPerByte = 6;

    private static readonly JavaScriptEncoder Escape = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private readonly Dictionary<(int Domain, bool IsPlain), byte[]> _prefixes = [];
    private ((int Domain, bool IsPlain) Of, byte[] Text) _prefix = ((-1, false), []);

    /// <summary>Bytes that a row takes at most. What stands before its link is the caller's Host, of any length that a header may have.</summary>
    public int MostLength(CatalogRow row) =>
        FixedLength + (hidesLinks ? 0 : PrefixOf(row).Length) + (MostPerByte * (row.Length(FileTable.ScanName) + row.Length(FileTable.ScanLink)));

    /// <summary>Writes one item; returns its length.</summary>
    /// <param name="row">Where the scan has come to.</param>
    /// <param name="target">At least <see cref="MostLength"/>.</param>
    public int Write(CatalogRow row, Span<byte> target)
    {
        var name = row.Utf8(FileTable.ScanName);
        var at = Put("{\"url\":\""u8, target);
        if (!hidesLinks)
        {
            at += Put(PrefixOf(row), target[at..]);
            at += PutEscaped(row.Utf8(FileTable.ScanLink), target[at..]);
        }

        at += Put("\",\"filename\":\""u8, target[at..]);
        at += PutEscaped(name, target[at..]);
        at += Put("\",\"size\":"u8, target[at..]);
        at += PutNumber(row.Number(FileTable.ScanLength), target[at..]);
        at += Put(",\"date\":\""u8, target[at..]);
        at += ParisTime.Format(row.Number(FileTable.ScanCreatedAt), target[at..]);
        at += Put("\",\"checksum\":\""u8, target[at..]);
        Convert.TryToHexStringLower(row.Bytes(FileTable.ScanChecksum), target[at..], out var digits);
        at += digits;
        at += Put("\",\"content-type\":\""u8, target[at..]);
        at += Put(ContentTypes.JsonOf(name), target[at..]);
        at += Put("\",\"pass\":"u8, target[at..]);
        target[at++] = Flag(row, FileTable.ScanHasPassword);
        at += Put(",\"acl\":"u8, target[at..]);
        target[at++] = Flag(row, FileTable.ScanHasRules);
        at += Put(",\"cdn\":"u8, target[at..]);
        target[at++] = Flag(row, FileTable.ScanCdn);
        target[at++] = (byte)'}';
        return at;
    }

    private static byte Flag(CatalogRow row, int column) => row.Number(column) != 0 ? (byte)'1' : (byte)'0';

    private static int Put(ReadOnlySpan<byte> text, Span<byte> target)
    {
        text.CopyTo(target);
        return text.Length;
    }

    private static int PutNumber(long number, Span<byte> target)
    {
        Utf8Formatter.TryFormat(number, target, out var written);
        return written;
    }

    private static int PutEscaped(ReadOnlySpan<byte> utf8, Span<byte> target)
    {
        if (Escape.FindFirstCharacterToEncodeUtf8(utf8) < 0)
        {
            return Put(utf8, target);
        }

        Escape.EncodeUtf8(utf8, target, out _, out var written);
        return written;
    }

    /// <summary>What stands before the id of a link, as JSON has it. Most files of a listing have the same.</summary>
    private byte[] PrefixOf(CatalogRow row)
    {
        (int Domain, bool IsPlain) of = ((int)row.Number(FileTable.ScanDomain), row.Number(FileTable.ScanNoSsl) != 0);
        if (_prefix.Of != of)
        {
            if (!_prefixes.TryGetValue(of, out var text))
            {
                text = Encoding.UTF8.GetBytes(Escape.Encode(address.Link(request, new PublicLink("", of.Domain, of.IsPlain))));
                _prefixes[of] = text;
            }

            _prefix = (of, text);
        }

        return _prefix.Text;
    }
}
