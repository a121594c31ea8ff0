using System.Text.Json;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Catalog;
using Coffre.Server.Door;

namespace Coffre.Server.Files;

/// <summary>Lists files as the wire shows them, from one snapshot, in memory that does not grow with the folder.</summary>
internal sealed class FileListing(CatalogStore catalog, FileTable files, PublicAddress address)
{
    private const int FlushBytes = 64 * 1024;

    public FileItem ToItem(HttpRequest request, FileRow file) => new()
    {
        Url = address.Link(request, file.Link),
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
    public ValueTask<IReadOnlyList<FileItem>> CollectAsync(HttpRequest request, long accountId, long folderId, CancellationToken cancellationToken) =>
        catalog.ReadAsync<IReadOnlyList<FileItem>>(
            session => [.. files.List(session, accountId, folderId, new ArrivalWindow()).Select(file => ToItem(request, file))],
            cancellationToken);

    /// <summary>Writes the whole answer of <c>file/ls.cgi</c>.</summary>
    public async Task WriteAsync(HttpContext http, FileQuery query)
    {
        KoWriter.Begin(http.Response);
        using var lease = await catalog.OpenReadAsync(http.RequestAborted);
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter, KoWriter.WriterOptions(query.Pretty));
        json.WriteStartObject();
        json.WriteString("status", V1Answer.Ok);
        json.WriteStartArray("items");
        var count = 0;
        var flushed = 0L;
        foreach (var file in files.List(lease.Session, query.AccountId, query.FolderId, query.Window))
        {
            JsonSerializer.Serialize(json, ToItem(http.Request, file), V1Json.Default.FileItem);
            count++;
            if (json.BytesPending + json.BytesCommitted - flushed >= FlushBytes)
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
}

/// <summary>Which files to list; a null folder means all of the account.</summary>
internal sealed record FileQuery(long AccountId, long? FolderId, ArrivalWindow Window, bool Pretty);
