using System.Globalization;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Remote;

/// <summary>Follows batches until all of their URLs have ended, asking as seldom as is right.</summary>
internal sealed class RemoteWatch(Run run, Account account, IReadOnlyList<RemoteRun> batches, TimeSpan? limit)
{
    private const double Growth = 1.5;

    private readonly TimeProvider _time = run.World.Time;
    private readonly long _started = run.World.Time.GetTimestamp();

    /// <exception cref="CoffreException">The service does not answer any more.</exception>
    /// <exception cref="CliException">It takes longer than it may.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var pause = Shortest;
        var isFirst = true;
        while (OpenRequests is { Count: > 0 } open)
        {
            if (!isFirst)
            {
                await DelayAsync(pause, cancellationToken);
            }

            isFirst = false;
            var hasChanged = await LookAsync(open, cancellationToken);

            // Something that moves is looked at again soon; what stands still, ever more seldom.
            pause = hasChanged ? Shortest : pause * Growth < Longest ? pause * Growth : Longest;
        }
    }

    // Where calls are dear, the files are large: nobody loses by asking twice a minute.
    private TimeSpan Shortest => TimeSpan.FromSeconds(account.Client.CallsAreDear ? 10 : 1);

    private TimeSpan Longest => TimeSpan.FromSeconds(account.Client.CallsAreDear ? 60 : 15);

    private List<long> OpenRequests => [.. batches.SelectMany(batch => batch.OpenRequests).Distinct()];

    private async Task<bool> LookAsync(List<long> open, CancellationToken cancellationToken)
    {
        // One list tells of all requests whether they have ended; a single one is asked itself.
        var wanted = open;
        if (open.Count > 1)
        {
            var listed = (await account.Client.ListRemoteUploadsAsync(cancellationToken)).ToDictionary(request => request.Id);
            wanted = [.. open.Where(id => !listed.TryGetValue(id, out var request) || request.FinishedAt is not null)];
        }

        var hasChanged = false;
        foreach (var id in wanted)
        {
            try
            {
                var found = await account.Client.GetRemoteUploadAsync(id, cancellationToken);
                foreach (var batch in batches.Where(batch => batch.OpenRequests.Contains(id)))
                {
                    hasChanged |= await batch.SettleAsync(found, cancellationToken);
                }
            }
            catch (CoffreException trouble) when (trouble.Error is CoffreError.NotFound)
            {
                foreach (var batch in batches)
                {
                    batch.Lose(id);
                }

                hasChanged = true;
            }
        }

        if (hasChanged && (run.IsVerbose || run.ShowsProgress))
        {
            var items = batches.SelectMany(batch => batch.Items).ToArray();
            run.Report.Note(string.Create(CultureInfo.InvariantCulture, $"{items.Count(item => !item.IsOpen)} of {items.Length} URLs have ended."));
        }

        return hasChanged;
    }

    private async Task DelayAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        if (limit is { } most && _time.GetElapsedTime(_started) + pause > most)
        {
            throw new CliException(
                ExitCode.TryLater, "still_running", string.Create(CultureInfo.InvariantCulture, $"{batches.SelectMany(batch => batch.Items).Count(item => item.IsOpen)} URLs have not ended yet."), "coffre remote wait goes on waiting");
        }

        await Task.Delay(pause, _time, cancellationToken);
    }
}
