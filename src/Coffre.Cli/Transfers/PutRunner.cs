using System.Globalization;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Transfers;

/// <summary>Uploads what the plan hands out: skips, replaces or renames where names are taken.</summary>
internal sealed class PutRunner(Run run, Account account, IfExists ifExists, Tally tally, ProgressBoard progress)
{
    private readonly RoomCheck _room = new(account);

    /// <summary>
    /// Told of each file that is there now: uploaded, or found the same. The remote file has a checksum only if the service named size and
    /// checksum and they are those of the local file; without one, nothing is proved.
    /// </summary>
    public Action<PutFile, RemoteFile>? OnThere { get; init; }

    /// <summary>The link under which an earlier run sent a file; null for none. If that still has the same content, nothing is sent, whatever its name.</summary>
    public Func<PutFile, string?>? SentAs { get; init; }

    public async Task PutAsync(PutJob job, CancellationToken cancellationToken)
    {
        progress.Found(job.Files.Count, job.Files.Sum(file => file.Length));
        List<Upload> uploads = [];
        foreach (var file in job.Files)
        {
            if (await TryPrepareAsync(job, file, cancellationToken) is { } upload)
            {
                uploads.Add(upload);
            }
        }

        if (uploads.Count > 0)
        {
            await SendAsync(job, uploads, cancellationToken);
        }
    }

    /// <summary>Uploads a stream under one name.</summary>
    public async Task PutStreamAsync(RemotePlace folder, RemoteNode node, string name, Stream stream, CancellationToken cancellationToken)
    {
        var (newName, old, skip) = Decide(node, name);
        if (skip)
        {
            Skip("-", folder.Below(name), old[0], "the name is taken");
            return;
        }

        progress.Found(1, 0);
        var source = UploadSource.FromStream(stream, NameEncoding.Encode(newName));
        using var track = progress.Track(newName);
        var options = new UploadOptions { FolderId = node.Id, Progress = track };
        var receipt = await account.Client.UploadAsync(source, options, cancellationToken);
        await SettleAsync(new PutJob(folder, node, []), new Upload(new PutFile("-", name, receipt.Size), newName, source, old), receipt);
    }

    private async Task<Upload?> TryPrepareAsync(PutJob job, PutFile file, CancellationToken cancellationToken)
    {
        try
        {
            if (FindSent(job, file) is { } sent && await LocalChecksum.IsSameAsync(file.LocalPath, sent.Size, sent.Checksum, cancellationToken))
            {
                SkipSame(job, file, sent);
                return null;
            }

            var (name, old, skip) = Decide(job.Node, file.Name);
            if (skip)
            {
                progress.Expect(-file.Length);
                Skip(file.LocalPath, job.Folder.Below(file.Name), old[0], "the name is taken");
                return null;
            }

            if (ifExists == IfExists.Update)
            {
                foreach (var same in old)
                {
                    if (await LocalChecksum.IsSameAsync(file.LocalPath, same.Size, same.Checksum, cancellationToken))
                    {
                        SkipSame(job, file, same);
                        return null;
                    }
                }
            }

            await _room.MustFitAsync(file.Length, cancellationToken);
            var encoded = NameEncoding.Encode(name);
            return new Upload(file, name, job.Files.Count == 1 ? UploadSource.FromFile(file.LocalPath, encoded) : await ReadAsync(file.LocalPath, encoded, cancellationToken), old);
        }
        catch (Exception exception) when (exception is CoffreException or CliException or IOException or UnauthorizedAccessException)
        {
            progress.Expect(-file.Length);
            Fail(job, file, exception);
            return null;
        }
    }

    private RemoteFile? FindSent(PutJob job, PutFile file) => SentAs?.Invoke(file) is { } link
        ? job.Node.FindFiles(file.Name).Concat(job.Node.Files.Select(pair => pair.Value)).FirstOrDefault(there => there.Link == link)
        : null;

    private void SkipSame(PutJob job, PutFile file, RemoteFile there)
    {
        progress.Expect(-file.Length);
        Skip(file.LocalPath, job.Folder.Below(NameEncoding.Decode(there.Name)), there, "the same content is there");
        OnThere?.Invoke(file, there);
    }

    /// <summary>A small file, read whole before the request that it shares with others begins.</summary>
    private static async Task<UploadSource> ReadAsync(string path, string name, CancellationToken cancellationToken) =>
        UploadSource.FromBytes(await File.ReadAllBytesAsync(path, cancellationToken), name);

    private (string Name, IReadOnlyList<RemoteFile> Old, bool Skip) Decide(RemoteNode node, string name)
    {
        if (node.FindFolder(name) is not null)
        {
            throw CliException.Conflict($"A folder called '{name}' stands there.", "choose another name");
        }

        var old = node.FindFiles(name);
        return (old.Count, ifExists) switch
        {
            (0, _) => (name, [], false),
            (_, IfExists.Skip) => (name, old, true),
            (_, IfExists.Fail) => throw CliException.Conflict("A file of that name is there already.", "choose another --if-exists"),
            (_, IfExists.Rename) => (IfExistsFlag.FreeName(name, taken => node.FindFiles(taken).Count > 0 || node.FindFolder(taken) is not null), [], false),
            _ => (name, old, false),
        };
    }

    private async Task SendAsync(PutJob job, List<Upload> uploads, CancellationToken cancellationToken)
    {
        using var track = progress.Track(
            uploads.Count == 1 ? uploads[0].Name : string.Create(CultureInfo.InvariantCulture, $"{uploads[0].Name} and {uploads.Count - 1} more"),
            uploads.Sum(upload => upload.File.Length));
        try
        {
            var options = new UploadOptions
            {
                FolderId = job.Node.Id,
                Existing = [.. uploads.SelectMany(upload => upload.Old).Select(old => old.Link)],
                Progress = track,
            };
            var outcomes = await account.Client.UploadEachAsync([.. uploads.Select(upload => upload.Source)], options, cancellationToken);
            for (var i = 0; i < uploads.Count; i++)
            {
                if (outcomes[i].Receipt is { } receipt)
                {
                    await SettleAsync(job, uploads[i], receipt);
                }
                else
                {
                    Fail(job, uploads[i].File, outcomes[i].Trouble!);
                }
            }
        }
        catch (CoffreException trouble) when (uploads.Count > 1 && IsOfOneFile(trouble.Error))
        {
            // The service refused them all for the sake of one: halves show which, with few requests.
            track.Undo();
            var half = uploads.Count / 2;
            await SendAsync(job, uploads[..half], cancellationToken);
            await SendAsync(job, uploads[half..], cancellationToken);
        }
        catch (Exception exception) when (exception is CoffreException or IOException or UnauthorizedAccessException)
        {
            uploads.ForEach(upload => Fail(job, upload.File, exception));
        }
    }

    private static bool IsOfOneFile(CoffreError error) => error is CoffreError.Integrity or CoffreError.LocalChanged or CoffreError.LocalFile
        or CoffreError.TooLarge or CoffreError.BadName or CoffreError.BadRequest or CoffreError.EmptyFile or CoffreError.Refused;

    /// <summary>The new file is safe: now the old ones of that name may go.</summary>
    private async Task SettleAsync(PutJob job, Upload upload, UploadReceipt receipt)
    {
        var there = new RemoteFile { Link = receipt.Link, Name = receipt.Name, Size = receipt.Size, Checksum = receipt.IsConfirmed ? receipt.Checksum : null, Arrived = run.World.Time.GetUtcNow() };
        job.Node.Add(there);
        if (upload.Old.Count > 0)
        {
            await TryRemoveAsync(job.Node, upload);
        }

        var kept = NameEncoding.Decode(receipt.Name);
        if (!string.Equals(kept, upload.Name, StringComparison.Ordinal))
        {
            run.Report.Warn($"The service keeps {upload.Name} under the name {kept}.");
        }

        tally.Moved(receipt.Size);
        progress.Done(1);
        run.Report.Add(new TransferResult
        {
            Action = "uploaded",
            Source = upload.File.LocalPath,
            Destination = job.Folder.Below(kept).ToString(),
            Size = receipt.Size,
            Link = receipt.Link,
            Checksum = receipt.Checksum,
        });
        OnThere?.Invoke(upload.File, there);
    }

    private async Task TryRemoveAsync(RemoteNode node, Upload upload)
    {
        try
        {
            // Also after Ctrl-C: two files of one name would be worse than one more request.
            await account.Client.DeleteFilesAsync([.. upload.Old.Select(old => old.Link)], CancellationToken.None);
            foreach (var old in upload.Old)
            {
                node.Remove(old);
            }
        }
        catch (CoffreException trouble)
        {
            run.Report.Warn($"{upload.Name} is uploaded, but the file that it replaces could not be removed: {trouble.Message}");
        }
    }

    private void Skip(string source, RemotePlace place, RemoteFile there, string reason)
    {
        tally.Skipped();
        progress.Done(1);
        run.Report.Add(new TransferResult
        {
            Action = "skipped",
            Source = source,
            Destination = place.ToString(),
            Size = there.Size,
            Link = there.Link,
            Checksum = there.Checksum,
            Reason = reason,
        });
    }

    private void Fail(PutJob job, PutFile file, Exception exception)
    {
        progress.Done(1);
        run.Report.Add(new TransferResult
        {
            Action = "failed",
            Source = file.LocalPath,
            Destination = job.Folder.Below(file.Name).ToString(),
            Error = tally.Failed(file.LocalPath, exception),
        });
    }

    private sealed record Upload(PutFile File, string Name, UploadSource Source, IReadOnlyList<RemoteFile> Old);
}
