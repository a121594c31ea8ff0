using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Storage;

namespace Coffre.Server.Files;

/// <summary>Copies files, also other people's: no bytes are moved.</summary>
internal sealed class CopyDesk(
    CatalogStore catalog, FileTable files, Arrivals arrivals, PlaceFinder places, AccountTable accounts, LinkResolver resolver, ItemLimits limits)
{
    /// <summary>New names on the same bytes, also of other people's files that the caller may read.</summary>
    public async ValueTask<Outcome<IReadOnlyList<(FileRow From, FileRow To)>>> CopyAsync(
        Asker asker, IReadOnlyList<string> urls, CopyTarget target, CancellationToken cancellationToken)
    {
        if ((limits.CountFault(urls.Count) ?? ItemLimits.RenameFault(urls.Count, target.Rename)) is { } fault)
        {
            return fault;
        }

        // Passwords are slow to check: not on the writer's thread.
        var sources = await ResolveAllAsync(asker, urls, target.Password, cancellationToken);
        if (sources.IsFault)
        {
            return sources.Fault;
        }

        return await catalog.WriteAsync<Outcome<IReadOnlyList<(FileRow, FileRow)>>>(
            session => CopyAll(session, asker.Caller!.Reach, sources.Value, target), cancellationToken);
    }

    private async ValueTask<Outcome<IReadOnlyList<FileRow>>> ResolveAllAsync(
        Asker asker, IReadOnlyList<string> urls, string? password, CancellationToken cancellationToken)
    {
        var sources = new List<FileRow>();
        foreach (var url in urls)
        {
            var found = await resolver.ResolveAsync(new FileAddress(url, Password: password), asker, cancellationToken);
            if (found.IsFault)
            {
                return found.Fault;
            }

            sources.Add(found.Value.File);
        }

        return sources;
    }

    private Outcome<IReadOnlyList<(FileRow, FileRow)>> CopyAll(
        CatalogSession session, Reach reach, IReadOnlyList<FileRow> sources, CopyTarget target)
    {
        var place = places.FindWritable(session, reach, target.FolderId, target.User);
        if (place.IsFault)
        {
            return place.Fault with { Detail = place.Fault.Detail ?? "destination" };
        }

        var accountId = place.Value.AccountId;

        var copied = new List<(FileRow, FileRow)>();
        foreach (var source in sources)
        {
            // It may be gone since it was resolved.
            if (files.Find(session, source.AccountId, source.Id) is not { } file)
            {
                return new Fault(KoCode.NotFound);
            }

            if (accounts.Reserve(session, accountId, file.Length) < file.Length)
            {
                return new Fault(KoCode.QuotaExceeded);
            }

            copied.Add((file, Copy(session, file, place.Value, target.Rename ?? file.Name)));
        }

        return copied;
    }

    private FileRow Copy(CatalogSession session, FileRow source, Place to, string name)
    {
        var blob = new KeptBlob(source.BlobId, source.Length, source.Checksum);
        var copy = arrivals.Add(session, new NewFile(to.AccountId, to.FolderId, name, blob), "file.copied");
        accounts.Settle(session, to.AccountId, reserved: source.Length, used: source.Length);
        return copy;
    }
}

/// <summary>Where copies go.</summary>
/// <param name="FolderId">The folder; 0 is a root.</param>
/// <param name="User">Whose root; null or empty: the caller's.</param>
/// <param name="Rename">New name of the only copy; null keeps it.</param>
/// <param name="Password">Of the sources, where they have one.</param>
internal sealed record CopyTarget(long FolderId, string? User, string? Rename, string? Password);
