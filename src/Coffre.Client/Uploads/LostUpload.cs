using Coffre.Client.Calls;
using Coffre.Protocol.V1;

namespace Coffre.Client.Uploads;

/// <summary>Finds out whether an upload arrived whose answer nobody got: from its report, then from the folder.</summary>
internal sealed class LostUpload(Wire wire, CoffreClient client)
{
    // The service may still be busy with the last bytes when the connection is gone already.
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(10);

    /// <summary>Looks for an upload of this run.</summary>
    /// <returns>Receipts of the files that arrived; null if none did.</returns>
    /// <exception cref="CoffreException">Nobody could say it yet: nothing must be sent again before.</exception>
    public async Task<UploadReceipt?[]?> FindAsync(
        Doubt doubt, IReadOnlyList<UploadSource> files, UploadOptions options, CancellationToken cancellationToken)
    {
        if (await FindReportAsync(doubt.Server.Node, doubt.Server.Id, SecondLook, cancellationToken).ConfigureAwait(false) is { } report
            && ReceiptBook.Sort(report, files, doubt.Sent).Receipts is var receipts && receipts.Any(receipt => receipt is not null))
        {
            return receipts;
        }

        return await FindInFolderAsync(files, doubt.Sent, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks into the folder for files of the same name, size and checksum.</summary>
    public async Task<UploadReceipt?[]?> FindInFolderAsync(
        IReadOnlyList<UploadSource> files, IReadOnlyList<SentFile?> sent, UploadOptions options, CancellationToken cancellationToken)
    {
        var listed = await client.ListFilesAsync(options.FolderId, cancellationToken).ConfigureAwait(false);
        var there = listed
            .Where(file => file.Checksum is not null && options.Existing?.Contains(file.Link, StringComparer.Ordinal) is not true)
            .ToLookup(file => (file.Name, file.Size, file.Checksum!));
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var receipts = new UploadReceipt?[files.Count];
        for (var i = 0; i < files.Count; i++)
        {
            receipts[i] = sent[i] is { } mine && there[(files[i].Name, mine.Size, mine.Checksum)].FirstOrDefault(file => taken.Add(file.Link)) is { } found
                ? new UploadReceipt(found.Link, found.Name, mine.Size, mine.Checksum) { IsConfirmed = true }
                : null;
        }

        return taken.Count > 0 ? receipts : null;
    }

    /// <summary>Looks for what an earlier run sent and did not live to see confirmed.</summary>
    /// <returns>For each file what became of it; null where nothing is known.</returns>
    public async Task<UploadOutcome?[]> FindLeftAsync(
        UploadJournal journal, IReadOnlyList<UploadSource> files, UploadOptions options, CancellationToken cancellationToken)
    {
        var outcomes = new UploadOutcome?[files.Count];
        foreach (var left in journal.TakeLeft(options.FolderId, files))
        {
            if (await FindReportAsync(new Uri(left.Node), left.Id, TimeSpan.Zero, cancellationToken).ConfigureAwait(false) is not { Links: { } links })
            {
                continue;
            }

            for (var i = 0; i < files.Count; i++)
            {
                var link = outcomes[i] is null && files[i].CanReopen
                    ? links.FirstOrDefault(link => string.Equals(link.FileName, files[i].Name, StringComparison.Ordinal))
                    : null;
                outcomes[i] ??= link is null ? null : await ConfirmAsync(link, files[i], options, cancellationToken).ConfigureAwait(false);
            }
        }

        return outcomes;
    }

    /// <summary>Whether the file behind the link is there, where it belongs, and is what lies here.</summary>
    private async Task<UploadOutcome?> ConfirmAsync(UploadedLink link, UploadSource file, UploadOptions options, CancellationToken cancellationToken)
    {
        var mine = await SentFile.DigestAsync(file, cancellationToken).ConfigureAwait(false);
        if (!string.Equals(Checksums.Clean(link.Whirlpool), mine.Checksum, StringComparison.Ordinal) || options.Existing?.Contains(link.Download, StringComparer.Ordinal) is true)
        {
            return null;
        }

        try
        {
            var details = await client.GetFileAsync(link.Download, cancellationToken: cancellationToken).ConfigureAwait(false);
            return details.FolderId is { } folder && folder != options.FolderId
                ? null
                : new UploadOutcome(new UploadReceipt(link.Download, link.FileName, mine.Size, mine.Checksum) { IsConfirmed = details.File.Size == mine.Size }, null);
        }
        catch (CoffreException trouble) when (trouble.Error == CoffreError.NotFound)
        {
            return null;
        }
    }

    private async Task<UploadReport?> FindReportAsync(Uri node, string id, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            var address = new Uri(node, $"{V1Paths.UploadEnd}?xid={Uri.EscapeDataString(id)}");
            return await new UploadReports(wire).WaitAsync(address, wire.Options.ReportPatience, cancellationToken, patience).ConfigureAwait(false);
        }
        catch (CoffreException trouble) when (!trouble.IsTransient)
        {
            return null;
        }
    }
}
