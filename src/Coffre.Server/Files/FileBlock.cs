using Coffre.Server.Catalog;

namespace Coffre.Server.Files;

/// <summary>Goes through a scan block by block: as many items as fit, with commas between them.</summary>
internal sealed class FileBlock
{
    private const int Comma = 1;

    private readonly CatalogScan _scan;
    private readonly FileListWriter _rows;
    private readonly int _most;

    private FileBlock(CatalogScan scan, FileListWriter rows, int most) => (_scan, _rows, _most) = (scan, rows, most);

    /// <summary>Items so far.</summary>
    public int Count { get; private set; }

    /// <summary>Whether all have been written.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Bytes that the next item needs at most.</summary>
    public int LeastLength => Comma + _rows.MostLength(_scan.Row);

    /// <param name="scan">Disposed by whoever began it.</param>
    /// <param name="rows">Writes them.</param>
    /// <param name="most">Most items.</param>
    public static FileBlock Begin(CatalogScan scan, FileListWriter rows, int most)
    {
        var block = new FileBlock(scan, rows, most);
        block.IsOver = most == 0 || !scan.Next();
        return block;
    }

    /// <summary>Writes items until there is no room for one more, or none is left; returns their length.</summary>
    public int Fill(Span<byte> target)
    {
        var at = 0;
        while (!IsOver && at < target.Length)
        {
            var comma = Count == 0 ? 0 : Comma;
            target[at] = (byte)',';
            if (!_rows.TryWrite(_scan.Row, target[(at + comma)..], out var written))
            {
                break;
            }

            at += comma + written;
            IsOver = ++Count == _most || !_scan.Next();
        }

        return at;
    }
}
