using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Access;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Limits;
using Coffre.Server.Settings;

namespace Coffre.Server.Files;

/// <summary>Lists files as the wire shows them, from one snapshot, in memory that does not grow with the folder.</summary>
internal sealed class FileListing(CatalogStore catalog, FileTable files, PublicAddress address, ServerSettings settings, TimeProvider clock)
{
    // Half of what the server holds back of an answer at most: one block is filled while the other is sent.
    private const int BlockBytes = 32 * 1024;

    private readonly TimeSpan _delay = settings.Seconds(LimitSettings.ListingDelay);
    private readonly int _most = settings.Int(LimitSettings.ListedItems) is var most and not 0 ? most : int.MaxValue;

    private FileItem ToItem(HttpRequest request, FileRow file, bool hidesLink) => new()
    {
        Url = hidesLink ? "" : address.Link(request, file.PublicLink),
        FileName = file.Name,
        Size = file.Length,
        Date = ParisTime.Format(file.CreatedAt),
        Checksum = file.ChecksumText,
        ContentType = ContentTypes.Of(file.Name),
        Pass = file.Password is null ? 0 : 1,
        Acl = file.Rules is null ? 0 : 1,
        Cdn = file.Cdn ? 1 : 0,
    };

    /// <summary>For a listing inside another answer.</summary>
    public ValueTask<IReadOnlyList<FileItem>> CollectAsync(HttpRequest request, Place place, CancellationToken cancellationToken) =>
        catalog.ReadAsync<IReadOnlyList<FileItem>>(
            session => [.. Rows(session, place, new ArrivalWindow()).Select(file => ToItem(request, file, place.HidesLinks))], cancellationToken);

    /// <summary>Writes the whole answer of <c>file/ls.cgi</c>.</summary>
    public async Task WriteAsync(HttpContext http, FileQuery query)
    {
        KoWriter.Begin(http.Response);
        using var lease = await catalog.OpenReadAsync(http.RequestAborted);
        await (query.Pretty ? WriteIndentedAsync(http, lease.Session, query) : WriteCompactAsync(http, lease.Session, query));
    }

    /// <summary>A block of rows is made while the one before is on its way.</summary>
    private async Task WriteCompactAsync(HttpContext http, CatalogSession session, FileQuery query)
    {
        var output = http.Response.BodyWriter;
        output.Write("""{"status":"OK","items":["""u8);
        var count = 0;
        if (!query.Place.IsDoorway)
        {
            using var scan = files.Scan(session, query.Place.AccountId, FolderOf(query.Place), Late(query.Window));
            var rows = new FileListWriter(address, http.Request, query.Place.HidesLinks);
            var block = FileBlock.Begin(scan, rows, _most);
            while (!block.IsOver)
            {
                var size = Math.Max(BlockBytes, block.LeastLength);
                output.Advance(block.Fill(output.GetMemory(size).Span[..size]));
                await output.FlushAsync(http.RequestAborted);
            }

            count = block.Count;
        }

        output.Write("""],"count":"""u8);
        output.Write(Encoding.ASCII.GetBytes(count.ToString(CultureInfo.InvariantCulture)));
        output.Write("}"u8);
        await output.FlushAsync(http.RequestAborted);
    }

    private async Task WriteIndentedAsync(HttpContext http, CatalogSession session, FileQuery query)
    {
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, KoWriter.WriterOptions(pretty: true));
        json.WriteStartObject();
        json.WriteString("status", V1Answer.Ok);
        json.WriteStartArray("items");
        var count = 0;
        var flushed = 0L;
        foreach (var file in Rows(session, query.Place, query.Window))
        {
            JsonSerializer.Serialize(json, ToItem(http.Request, file, query.Place.HidesLinks), V1Json.Default.FileItem);
            count++;
            if (json.BytesPending + json.BytesCommitted - flushed >= BlockBytes)
            {
                json.Flush();
                flushed = json.BytesCommitted;
                await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            }
        }

        json.WriteEndArray();
        json.WriteNumber("count", count);
        json.WriteEndObject();
        json.Flush();
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private static long? FolderOf(Place place) => place.FolderId == FileQuery.WholeAccount ? null : place.FolderId;

    private IEnumerable<FileRow> Rows(CatalogSession session, Place place, ArrivalWindow window) =>
        place.IsDoorway
            ? []
            : files.List(session, place.AccountId, FolderOf(place), Late(window)).Take(_most);

    /// <summary>What came just now is not listed yet, where the operator wants to see how clients bear that.</summary>
    private ArrivalWindow Late(ArrivalWindow window)
    {
        if (_delay == TimeSpan.Zero)
        {
            return window;
        }

        var newest = clock.GetUtcNow() - _delay;
        return window with { Before = window.Before < newest ? window.Before : newest };
    }
}

/// <summary>Which files to list.</summary>
/// <param name="Place">The folder, or <see cref="WholeAccount"/> for every file of the account.</param>
/// <param name="Window">When they arrived.</param>
/// <param name="Pretty">Indent the answer.</param>
internal sealed record FileQuery(Place Place, ArrivalWindow Window, bool Pretty)
{
    /// <summary>What stands for the folder's id on the wire.</summary>
    public const long WholeAccount = -1;
}
