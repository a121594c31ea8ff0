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

    private readonly Dictionary<FileMarks, byte[]> _prefixes = [];
    private (FileMarks Of, byte[] Text) _prefix = (new(-1), []);

    /// <summary>Bytes that a row takes at most. What stands before its link is the caller's Host, of any length that a header may have.</summary>
    public int MostLength(CatalogRow row) =>
        MostLength(row.Utf8(FileTable.ScanName), row.Utf8(FileTable.ScanLink), PrefixOf(new FileMarks(row.Number(FileTable.ScanMarks))));

    /// <summary>Writes one item; false, and nothing is written, if <see cref="MostLength(CatalogRow)"/> does not fit.</summary>
    /// <param name="row">Where the scan has come to.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="written">Its length.</param>
    public bool TryWrite(CatalogRow row, Span<byte> target, out int written)
    {
        var name = row.Utf8(FileTable.ScanName);
        var link = hidesLinks ? default : row.Utf8(FileTable.ScanLink);
        var marks = new FileMarks(row.Number(FileTable.ScanMarks));
        var prefix = PrefixOf(marks);
        if (target.Length < MostLength(name, link, prefix))
        {
            written = 0;
            return false;
        }

        var at = Put("{\"url\":\""u8, target);
        at += Put(prefix, target[at..]);
        at += PutEscaped(link, target[at..]);
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
        target[at++] = Flag(marks.HasPassword);
        at += Put(",\"acl\":"u8, target[at..]);
        target[at++] = Flag(marks.HasRules);
        at += Put(",\"cdn\":"u8, target[at..]);
        target[at++] = Flag(marks.Cdn);
        target[at++] = (byte)'}';
        written = at;
        return true;
    }

    private static int MostLength(ReadOnlySpan<byte> name, ReadOnlySpan<byte> link, ReadOnlySpan<byte> prefix) =>
        FixedLength + prefix.Length + (MostPerByte * (name.Length + link.Length));

    private static byte Flag(bool isOn) => isOn ? (byte)'1' : (byte)'0';

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

    /// <summary>What stands before the id of a link, as JSON has it; nothing where links are left out. Most files of a listing have the same.</summary>
    private byte[] PrefixOf(FileMarks marks)
    {
        var of = marks.OfLink;
        if (_prefix.Of != of && !hidesLinks)
        {
            if (!_prefixes.TryGetValue(of, out var text))
            {
                text = Encoding.UTF8.GetBytes(Escape.Encode(address.Link(request, new PublicLink("", of.Domain, of.NoSsl))));
                _prefixes[of] = text;
            }

            _prefix = (of, text);
        }

        return _prefix.Text;
    }
}
