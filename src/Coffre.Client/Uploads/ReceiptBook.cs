using System.Globalization;
using Coffre.Protocol.V1;

namespace Coffre.Client.Uploads;

/// <summary>Compares what the service says that it kept with what was read.</summary>
internal static class ReceiptBook
{
    /// <exception cref="CoffreException"><see cref="CoffreError.Integrity"/>: a size or checksum differs, or a file is missing.</exception>
    public static IReadOnlyList<UploadReceipt> Match(UploadReport report, IReadOnlyList<UploadSource> files, IReadOnlyList<SentFile?> sent)
    {
        var links = (report.Links ?? []).ToList();
        if (links.Count == 0)
        {
            throw new CoffreException(CoffreError.UnexpectedAnswer, "The service took the upload, but its report names no file.")
            {
                Advice = "list the folder: the file may be there already",
            };
        }

        var receipts = new UploadReceipt[files.Count];
        for (var i = 0; i < files.Count; i++)
        {
            var mine = sent[i] ?? throw new CoffreException(CoffreError.Integrity, $"{files[i].Name} was not sent whole.");

            // The report may name a file twice or in another order; the content decides, then the name.
            var index = links.FindIndex(link => Fits(link, mine) && string.Equals(link.FileName, files[i].Name, StringComparison.Ordinal));
            index = index >= 0 ? index : links.FindIndex(link => Fits(link, mine));
            if (index < 0)
            {
                throw Differs(files[i], mine, links);
            }

            receipts[i] = new UploadReceipt(links[index].Download, links[index].FileName, mine.Size, mine.Checksum)
            {
                RemovalLink = links[index].Remove is { Length: > 2 } removal ? removal : null,
            };
            links.RemoveAt(index);
        }

        return receipts;
    }

    private static bool Fits(UploadedLink link, SentFile mine) =>
        (!long.TryParse(link.Size, NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size == mine.Size)
        && (Checksums.Clean(link.Whirlpool) is not { } checksum || string.Equals(checksum, mine.Checksum, StringComparison.Ordinal));

    private static CoffreException Differs(UploadSource file, SentFile mine, List<UploadedLink> links)
    {
        var theirs = links.Find(link => string.Equals(link.FileName, file.Name, StringComparison.Ordinal)) ?? links.FirstOrDefault();
        var text = theirs is null
            ? $"The report of the service does not name {file.Name}."
            : string.Create(CultureInfo.InvariantCulture, $"{file.Name} arrived damaged: {mine.Size} bytes with Whirlpool {mine.Checksum[..16]}… were sent, the service has {theirs.Size} bytes with {theirs.Whirlpool?[..Math.Min(16, theirs.Whirlpool.Length)]}…");
        return new CoffreException(CoffreError.Integrity, text);
    }
}
