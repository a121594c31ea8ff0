using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Transfers;

/// <summary>Downloads what the plan hands out: skips, replaces or renames where names are taken.</summary>
internal sealed class GetRunner(Run run, IfExists ifExists, Tally tally, ProgressBoard progress)
{
    /// <summary>Ranges of a file side by side; null chooses.</summary>
    public int? Ranges { get; init; }

    public async Task GetAsync(GetJob job, CancellationToken cancellationToken)
    {
        progress.Found(1, job.File.Size);
        try
        {
            if (await DecideAsync(job, cancellationToken) is { } path)
            {
                using var track = progress.Track(Path.GetFileName(path), job.File.Size, firstIsOld: true);
                var options = new DownloadOptions { Progress = track, Ranges = Ranges };
                var result = await job.Account.Client.DownloadAsync(job.File, path, options, cancellationToken);
                tally.Moved(result.Size);
                run.Report.Add(new TransferResult
                {
                    Action = "downloaded",
                    Source = job.Source,
                    Destination = path,
                    Size = result.Size,
                    Link = job.File.Link,
                    Checksum = result.Checksum,
                    ResumedFrom = result.ResumedFrom > 0 ? result.ResumedFrom : null,
                    Received = result.Received,
                });
            }
        }
        catch (Exception exception) when (exception is CoffreException or CliException or IOException or UnauthorizedAccessException)
        {
            run.Report.Add(new TransferResult
            {
                Action = "failed",
                Source = job.Source,
                Destination = job.LocalPath,
                Link = job.File.Link,
                Error = tally.Failed(job.Source, exception),
            });
        }

        progress.Done(1);
    }

    /// <summary>Where the file goes; null if it stays where it is.</summary>
    private async Task<string?> DecideAsync(GetJob job, CancellationToken cancellationToken)
    {
        if (!LocalNames.Fits(Path.GetFileName(job.LocalPath)))
        {
            throw CliException.Usage("The name is too long for a file on this machine.", "fetch it alone, under a name of your own");
        }

        if (Directory.Exists(job.LocalPath))
        {
            throw CliException.Conflict($"{job.LocalPath} is a folder.", "choose another destination");
        }

        if (!File.Exists(job.LocalPath))
        {
            return job.LocalPath;
        }

        switch (ifExists)
        {
            case IfExists.Fail:
                throw CliException.Conflict($"{job.LocalPath} is there already.", "choose another --if-exists");
            case IfExists.Overwrite:
                return job.LocalPath;
            case IfExists.Rename:
                var folder = Path.GetDirectoryName(job.LocalPath) ?? "";
                return Path.Combine(folder, IfExistsFlag.FreeName(Path.GetFileName(job.LocalPath), name => Path.Exists(Path.Combine(folder, name))));
            case IfExists.Skip:
                Skip(job, "the name is taken");
                return null;
            default:
                if (!await LocalChecksum.IsSameAsync(job.LocalPath, job.File.Size, job.File.Checksum, cancellationToken))
                {
                    return job.LocalPath;
                }

                Skip(job, "the same content is there");
                return null;
        }
    }

    private void Skip(GetJob job, string reason)
    {
        tally.Skipped();
        progress.Expect(-job.File.Size);
        run.Report.Add(new TransferResult
        {
            Action = "skipped",
            Source = job.Source,
            Destination = job.LocalPath,
            Size = job.File.Size,
            Link = job.File.Link,
            Checksum = job.File.Checksum,
            Reason = reason,
        });
    }
}
