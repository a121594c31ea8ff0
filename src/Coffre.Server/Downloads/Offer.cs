using System.Globalization;
using Coffre.Server.Files;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Coffre.Server.Downloads;

/// <summary>A file that may be fetched, and what the headers of each answer say of it: written once, for as long as the look-up holds.</summary>
internal sealed class Offer
{
    // Shown in the page only if no browser runs anything in it.
    private static readonly string[] InlineTypes = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "text/plain", "application/pdf"];

    private readonly StringValues _tag;
    private readonly StringValues _date;
    private readonly StringValues _type;
    private readonly StringValues _toSave;
    private readonly StringValues _toShow;

    public Offer(FileRow file)
    {
        File = file;
        Tag = new EntityTagHeaderValue($"\"{file.ChecksumText[..40]}\"");
        ModifiedAt = DateTimeOffset.FromUnixTimeSeconds(file.CreatedAt.ToUnixTimeSeconds());
        var type = ContentTypes.Of(file.Name);
        var mayShow = InlineTypes.Contains(type) || type.StartsWith("video/", StringComparison.Ordinal) || type.StartsWith("audio/", StringComparison.Ordinal);
        _tag = Tag.ToString();
        _date = ModifiedAt.ToString("R", CultureInfo.InvariantCulture);
        _type = type;
        _toSave = Disposition.Of(file.Name, inline: false);
        _toShow = mayShow ? Disposition.Of(file.Name, inline: true) : _toSave;
    }

    public FileRow File { get; }

    public EntityTagHeaderValue Tag { get; }

    /// <summary>Whole seconds, as HTTP has them.</summary>
    public DateTimeOffset ModifiedAt { get; }

    /// <summary>Writes what is said of the file whatever part of it is sent.</summary>
    public void Describe(IHeaderDictionary headers, bool inline)
    {
        headers.ETag = _tag;
        headers.LastModified = _date;
        headers.ContentType = _type;
        headers.AcceptRanges = "bytes";
        headers.ContentDisposition = inline ? _toShow : _toSave;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.CacheControl = "private, no-transform";
    }
}
