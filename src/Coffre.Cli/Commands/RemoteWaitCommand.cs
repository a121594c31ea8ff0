using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Output;
using Coffre.Cli.Remote;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre remote wait</c>: goes on waiting for what was asked for, after a restart too.</summary>
internal static class RemoteWaitCommand
{
    public static Command Make(CommandKit kit)
    {
        var ids = new Argument<string[]>("id") { Description = "Numbers of requests; left out: all that were asked for here and have not ended", Arity = ArgumentArity.ZeroOrMore };
        var wait = new RemoteWaitFlags(kit);
        var command = new DescribedCommand("wait", "Wait until URLs have ended, and print the links of the files", ["coffre remote wait", "coffre remote wait 17 18 --timeout 2h --json"])
        {
            Notes = "What fails for a passing reason is asked for again (--retries); if headers went with it, they have to be given again.",
        };
        command.Add(ids);
        wait.AddTo(command);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var wanted = (parse.GetValue(ids) ?? []).Select(RemoteIds.Read).ToHashSet();
            var headers = wait.Headers(run, parse);
            var limit = wait.Limit(parse);
            var account = run.Open(run.Profile);
            var book = new RemoteBook(run);
            var known = book.List(account.Client.BaseAddress.Authority, run.FindLogin(run.Profile).Profile);
            using var held = new HeldBatches();
            List<RemoteRun> work = [];
            foreach (var batch in known.Where(batch => wanted.Count == 0 ? batch.IsOpen : Holds(batch, wanted)))
            {
                if (!held.Add(book.TryLock(batch)))
                {
                    throw new CliException(ExitCode.Conflict, "busy", $"Another run waits for the URLs of {batch.Started:u}.", "wait for its end, or end it");
                }

                var one = new RemoteRun(run, account, book, batch, headers);
                one.DropPlanned();
                work.Add(one);
            }

            foreach (var id in wanted.Where(id => !known.Any(batch => Holds(batch, [id]))))
            {
                work.Add(await AdoptAsync(run, account, book, id, headers, cancellationToken));
            }

            return await RemoteEnd.Async(run, work, () => new RemoteWatch(run, account, work, limit).WaitAsync(cancellationToken), waits: true);
        });
        return command;
    }

    private static bool Holds(RemoteBatch batch, IReadOnlyCollection<long> ids) =>
        batch.Items.Any(item => (item.RequestId is { } now && ids.Contains(now)) || (item.FirstRequestId is { } first && ids.Contains(first)));

    /// <summary>A request that was made elsewhere: followed without a note on this machine's disk until it moves.</summary>
    private static async Task<RemoteRun> AdoptAsync(
        Run run, Account account, RemoteBook book, long id, IReadOnlyDictionary<string, string> headers, CancellationToken cancellationToken)
    {
        var found = await account.Client.GetRemoteUploadAsync(id, cancellationToken);
        foreach (var secret in found.Items.SelectMany(item => SourceUrl.SecretsIn(item.Url)))
        {
            run.Hide(secret);
        }

        return new RemoteRun(run, account, book, new RemoteBatch
        {
            Id = book.NewId(),
            Service = account.Client.BaseAddress.Authority,
            Profile = run.FindLogin(run.Profile).Profile,
            FolderId = RemoteFolder.RootId,
            Folder = ":/",
            Started = found.RequestedAt ?? run.World.Time.GetUtcNow(),

            // Where its files go, and which headers went along, nobody tells: it is not asked for again.
            IsForeign = true,
            Items = [.. found.Items.Select((item, at) => new RemoteItem
            {
                Url = SourceUrl.Shown(item.Url), State = RemoteItem.Requested, RequestId = id, FirstRequestId = id, Position = at, Tries = 1,
            })],
        }, headers);
    }

    private sealed class HeldBatches : IDisposable
    {
        private readonly List<IDisposable> _held = [];

        public bool Add(IDisposable? one)
        {
            if (one is not null)
            {
                _held.Add(one);
            }

            return one is not null;
        }

        public void Dispose() => _held.ForEach(one => one.Dispose());
    }
}

/// <summary>Flags of <c>remote add</c> and <c>remote wait</c>.</summary>
internal sealed class RemoteWaitFlags(CommandKit kit)
{
    private readonly Option<string[]> _header = kit.Flags.Texts("--header", "Header to send along to the source, such as 'Referer: https://example.org/'; may be repeated");
    private readonly Option<string?> _headerFile = kit.Flags.Text("--header-file", "File of such headers, one on each line; - is standard input");
    private readonly Option<string?> _timeout = kit.Flags.Text("--timeout", "Longest time to wait, such as 30m or 2h; then the run ends with exit code 7");

    public void AddTo(Command command)
    {
        command.Add(_header);
        command.Add(_headerFile);
        command.Add(_timeout);
    }

    public IReadOnlyDictionary<string, string> Headers(Run run, ParseResult parse) => SourceHeader.Read(run, parse.GetValue(_header) ?? [], parse.GetValue(_headerFile));

    public TimeSpan? Limit(ParseResult parse) => parse.GetValue(_timeout) is { } text ? Spans.Parse("--timeout", text) : null;
}

/// <summary>How a run of remote uploads ends.</summary>
internal static class RemoteEnd
{
    /// <param name="run">The run.</param>
    /// <param name="work">The batches that it is about.</param>
    /// <param name="doing">What is done with them.</param>
    /// <param name="waits">Whether their files are what the run answers with.</param>
    public static async Task<ExitCode> Async(Run run, IReadOnlyList<RemoteRun> work, Func<Task> doing, bool waits)
    {
        try
        {
            await doing();
        }
        catch (OperationCanceledException)
        {
            run.Report.Note("The service goes on by itself; coffre remote wait goes on waiting.");
            throw;
        }
        finally
        {
            // Whatever ended the run: what is known is told.
            Tell(run, work, waits);
        }

        var items = work.SelectMany(one => one.Items).ToArray();
        var failed = items.Count(item => item.HasFailed);
        if (failed == 0)
        {
            return ExitCode.Success;
        }

        run.Report.SetError(new ErrorReport(
            "partial", string.Create(CultureInfo.InvariantCulture, $"{failed} of {items.Length} URLs failed."), "add those again once their cause is gone", (int)ExitCode.Partial));
        return ExitCode.Partial;
    }

    private static void Tell(Run run, IReadOnlyList<RemoteRun> work, bool waits)
    {
        foreach (var item in work.SelectMany(one => one.Items))
        {
            run.Report.Add(RemoteResults.Of(item, isBare: waits));
            if (item.HasFailed)
            {
                run.Report.ItemFailed(item.Url, new CliException(ExitCode.Partial, "remote_failed", item.Message is { Length: > 0 } message ? message.TrimEnd('.') + "." : "The service gives no reason."));
            }
        }
    }
}
