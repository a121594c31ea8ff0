using System.Globalization;
using Coffre.Protocol.V1;

namespace Coffre.Client.Uploads;

/// <summary>Compares what the service says that it kept with what was read.</summary>
internal static class ReceiptBook
{
    /// <summary>Finds the receipt of each file. What the report leaves out denies nothing, but such a receipt is not confirmed.</summary>
    /// <returns>
    /// Null for a file that the report does not name, or names with another size or checksum; then the links that belong to no file
    /// are the damaged ones.
    /// </returns>
    public static (UploadReceipt?[] Receipts, IReadOnlyList<string> Damaged) Sort(
        UploadReport report, IReadOnlyList<UploadSource> files, IReadOnlyList<SentFile?> sent)
    {
        var links = (report.Links ?? []).ToList();
        var receipts = new UploadReceipt?[files.Count];
        for (var i = 0; i < files.Count; i++)
        {
            if (sent[i] is not { } mine)
            {
                continue;
            }

            // The report may name a file twice or in another order; the content decides, then the name.
            var index = links.FindIndex(link => Fits(link, mine) && string.Equals(link.FileName, files[i].Name, StringComparison.Ordinal));
            index = index >= 0 ? index : links.FindIndex(link => Fits(link, mine) && !files.Any(file => string.Equals(link.FileName, file.Name, StringComparison.Ordinal)));
            index = index >= 0 ? index : files.Count == 1 ? links.FindIndex(link => Fits(link, mine)) : -1;
            if (index < 0)
            {
                continue;
            }

            receipts[i] = new UploadReceipt(links[index].Download, links[index].FileName, mine.Size, mine.Checksum)
            {
                IsConfirmed = SizeOf(links[index]) is not null && Checksums.Clean(links[index].Whirlpool) is not null,
                RemovalLink = links[index].Remove is { Length: > 2 } removal ? removal : null,
            };
            links.RemoveAt(index);
        }

        var kept = receipts.Select(receipt => receipt?.Link).ToHashSet(StringComparer.Ordinal);
        return (receipts, kept.Contains(null)
            ? [.. links.Select(link => link.Download).Where(link => link.Length > 0 && !kept.Contains(link)).Distinct(StringComparer.Ordinal)]
            : []);
    }

    /// <summary>The report of the service is empty.</summary>
    public static CoffreException NothingNamed() => new(CoffreError.UnexpectedAnswer, "The service took the upload, but its report names no file.")
    {
        Advice = "list the folder: the file may be there already",
    };

    /// <summary>The one file of a report arrived with another size or checksum.</summary>
    public static CoffreException Differs(UploadReport report, UploadSource file, SentFile? mine)
    {
        var theirs = report.Links is [var first, ..] ? first : null;
        var text = theirs is null || mine is null
            ? $"The report of the service does not name {file.Name}."
            : string.Create(CultureInfo.InvariantCulture, $"{file.Name} arrived damaged: {mine.Size} bytes with Whirlpool {mine.Checksum[..16]}… were sent, the service has {theirs.Size} bytes with {theirs.Whirlpool?[..Math.Min(16, theirs.Whirlpool.Length)]}…");
        return new CoffreException(CoffreError.Integrity, text);
    }

    private static bool Fits(UploadedLink link, SentFile mine) =>
        (SizeOf(link) is not { } size || size == mine.Size)
        && (Checksums.Clean(link.Whirlpool) is not { } checksum || string.Equals(checksum, mine.Checksum, StringComparison.Ordinal));

    private static long? SizeOf(UploadedLink link) =>
        long.TryParse(link.Size, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;
}
