using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Remote;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre remote</c>: the service fetches URLs by itself; asked for, looked at, waited for.</summary>
internal static class RemoteCommand
{
    public static Command Make(CommandKit kit)
    {
        var command = new DescribedCommand("remote", "Let the service fetch URLs into the account", ["coffre remote add https://example.org/a.iso --to :/iso --wait", "coffre remote wait"])
        {
            Notes = "The service works on while this machine is off. What was asked for is noted here, so that remote wait goes on after a restart.",
        };
        command.Add(MakeAdd(kit));
        command.Add(MakeList(kit));
        command.Add(MakeShow(kit));
        command.Add(RemoteWaitCommand.Make(kit));
        return command;
    }

    private static DescribedCommand MakeAdd(CommandKit kit)
    {
        var urls = new Argument<string[]>("url") { Description = "What to fetch: http, https or ftp", Arity = ArgumentArity.ZeroOrMore };
        var to = kit.Flags.Text("--to", "Folder to put the files into, made if it is missing; the root of the default profile if none is named");
        var list = kit.Flags.Text("--from-file", "File of URLs, one on each line, then perhaps a blank and a name; # begins a comment; - is standard input");
        var wait = new RemoteWaitFlags(kit);
        var waits = kit.Flags.Switch("--wait", "Wait until all have ended; what fails for a passing reason is asked for again (--retries)");
        var command = new DescribedCommand(
            "add", "Ask for URLs", ["coffre remote add https://example.org/a.iso --to :/iso --wait", "coffre remote add --from-file list.txt --header 'Referer: https://example.org/'"])
        {
            Notes = """
                URLs may hold a user and a password. They, and headers, are shown nowhere and not kept on this machine; arguments can be read by its
                other users, which --from-file - and --header-file avoid. A wrong line of the list is named, and nothing is sent then.
                Without --wait the answer is a line for each URL; with it, the link of each file. Names are given when a wait sees the end.
                """,
        };
        command.Add(urls);
        command.Add(to);
        command.Add(list);
        command.Add(waits);
        wait.AddTo(command);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var wanted = UrlList.Read(run, parse.GetValue(urls) ?? [], parse.GetValue(list));
            var headers = wait.Headers(run, parse);
            var limit = wait.Limit(parse);
            var place = Place.ParsePath(parse.GetValue(to) ?? ":/");
            var account = run.Open(place);
            var folder = await account.Index.EnsurePathAsync(place.Names, cancellationToken);
            var book = new RemoteBook(run);
            book.Prune();
            var batch = new RemoteBatch
            {
                Id = book.NewId(),
                Service = account.Client.BaseAddress.Authority,
                Profile = run.FindLogin(place.Profile).Profile,
                FolderId = folder.Id,
                Folder = place.ToString(),
                Started = run.World.Time.GetUtcNow(),
                HasHeaders = headers.Count > 0,
                Items = [.. wanted.Select(one => new RemoteItem { Url = SourceUrl.Shown(one.Url), Name = one.Name })],
            };
            using var held = book.TryLock(batch);
            book.Write(batch);
            var work = new RemoteRun(run, account, book, batch, headers);
            return await RemoteEnd.Async(
                run,
                [work],
                async () =>
                {
                    await work.SendAsync([.. wanted.Select((one, at) => (at, one.Url))], cancellationToken);
                    if (parse.GetValue(waits))
                    {
                        await new RemoteWatch(run, account, [work], limit).WaitAsync(cancellationToken);
                    }
                },
                parse.GetValue(waits));
        });
        return command;
    }

    private static DescribedCommand MakeList(CommandKit kit)
    {
        var open = kit.Flags.Switch("--open", "Only those that have not ended");
        var command = new DescribedCommand("list", "List the requests that the service remembers, the newest first", ["coffre remote list", "coffre remote list --open --json"]) { open };
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var account = run.Open(run.Profile);
            var known = new RemoteBook(run).List(account.Client.BaseAddress.Authority, run.FindLogin(run.Profile).Profile);
            foreach (var request in await account.Client.ListRemoteUploadsAsync(cancellationToken))
            {
                if (request.FinishedAt is null || !parse.GetValue(open))
                {
                    run.Report.Add(Describe(request, known));
                }
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static RemoteRequestResult Describe(RemoteUpload request, IReadOnlyList<RemoteBatch> known)
    {
        var batch = known.LastOrDefault(batch => batch.Items.Any(item => item.RequestId == request.Id || item.FirstRequestId == request.Id));
        var items = batch?.Items.Where(item => item.RequestId == request.Id || item.FirstRequestId == request.Id).ToArray();
        return new RemoteRequestResult
        {
            Id = request.Id,
            RequestedAt = request.RequestedAt,
            FinishedAt = request.FinishedAt,
            State = request.FinishedAt is null ? "open" : "ended",
            Urls = items?.Length,
            Failed = items?.Count(item => item.HasFailed),
            Folder = batch?.Folder,
        };
    }

    private static DescribedCommand MakeShow(CommandKit kit)
    {
        var id = new Argument<string>("id") { Description = "Number of the request" };
        var command = new DescribedCommand("show", "Tell how far each URL of a request is", ["coffre remote show 17", "coffre remote show 17 --json"]) { id };
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var number = RemoteIds.Read(parse.GetRequiredValue(id));
            var account = run.Open(run.Profile);
            var found = await account.Client.GetRemoteUploadAsync(number, cancellationToken);
            var names = new RemoteBook(run).List(account.Client.BaseAddress.Authority, run.FindLogin(run.Profile).Profile)
                .SelectMany(batch => batch.Items).Where(item => item.RequestId == number).ToLookup(item => item.Position, item => item.Name);
            foreach (var secret in found.Items.SelectMany(item => SourceUrl.SecretsIn(item.Url)))
            {
                run.Hide(secret);
            }

            foreach (var (item, at) in found.Items.Select((item, at) => (item, at)))
            {
                run.Report.Add(RemoteResults.Of(number, item, names[at].FirstOrDefault()));
            }

            return ExitCode.Success;
        });
        return command;
    }
}

/// <summary>Numbers of requests as they are written.</summary>
internal static class RemoteIds
{
    public static long Read(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0
        ? id : throw CliException.Usage($"'{text}' is no number of a request.", "coffre remote list shows them");
}
