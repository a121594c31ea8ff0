using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Coffre.Cli.Links;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre link revoke</c>: links that were given away stop working; the files stay.</summary>
internal static class LinkRevokeCommand
{
    private const int LinksPerCall = 50;
    private const int LockLength = 32;

    public static Command Make(CommandKit kit)
    {
        var paths = new Argument<string[]>("path") { Description = "Files, folders or patterns", Arity = ArgumentArity.ZeroOrMore };
        var list = kit.Flags.Text("--from-file", "File of such paths, one on each line; # begins a comment; - is standard input");
        var recursive = kit.Flags.Switch("--recursive", "Of a folder: the files below too", "-R");
        var locks = kit.Flags.Switch("--lock", "Keep the links, but close them to everybody but the owner");
        var yes = kit.Flags.Switch("--yes", "Do not ask", "-y");
        var command = new DescribedCommand("revoke", "End links; the files stay", ["coffre link revoke :/report.pdf", "coffre link revoke -R :/Album --lock"])
        {
            Notes = """
                No call of the service gives a file another link. So each file is copied within its folder, without moving a byte, and the old one is
                removed: the old link is dead for good, on 1fichier.com too, and the new one is printed. For a moment both count towards the quota; the
                date of arrival is new, and a description is lost. Guarded files are left alone, for their password cannot be read: use --lock for them.
                --lock sets a password that nobody knows, which link --no-password removes. Downloads that have begun go on either way.
                """,
        };
        command.Add(paths);
        command.Add(list);
        command.Add(recursive);
        command.Add(locks);
        command.Add(yes);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var words = LinkCommand.Words(run, parse.GetValue(paths), parse.GetValue(list));
            var isLock = parse.GetValue(locks);
            var targets = await new LinkTargets(run, parse.GetValue(recursive)) { ChecksLinks = !isLock, WithNotes = true }.FindAsync(words, cancellationToken);
            var tally = new LinkTally(run);
            if (isLock)
            {
                var change = new FileChange { Password = RandomNumberGenerator.GetHexString(LockLength, lowercase: true) };
                run.Hide(change.Password);
                await new LinkChanger(change, target => tally.Done(target, target.Link), tally.Failed).RunAsync(targets, cancellationToken);
                return tally.Finish();
            }

            await Question.AskAsync(
                run, parse.GetValue(yes), string.Create(CultureInfo.InvariantCulture, $"End {targets.Count} links for good?"), "Nothing was changed.", cancellationToken);
            await ReplaceAsync(targets, tally, cancellationToken);
            return tally.Finish();
        });
        return command;
    }

    private static async Task ReplaceAsync(IReadOnlyList<LinkTarget> targets, LinkTally tally, CancellationToken cancellationToken)
    {
        foreach (var target in targets.Where(target => IsLeft(target) is not null))
        {
            tally.Failed(target, IsLeft(target)!);
        }

        foreach (var group in targets.Where(target => IsLeft(target) is null).GroupBy(target => target.Parent!))
        {
            foreach (var chunk in group.Chunk(LinksPerCall))
            {
                await ReplaceAsync(group.Key, chunk, tally, cancellationToken);
            }
        }
    }

    private static async Task ReplaceAsync(RemoteNode folder, LinkTarget[] targets, LinkTally tally, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string> replaced;
        try
        {
            replaced = await targets[0].Account.Client.ReplaceLinksAsync([.. targets.Select(target => target.Link)], folder.Id, cancellationToken);
        }
        catch (CoffreException trouble)
        {
            // Copies may be there, or not.
            targets[0].Account.Index.Doubt(folder.Id);
            if (ExitCodes.StopsRun(trouble.Error))
            {
                throw;
            }

            Array.ForEach(targets, target => tally.Failed(target, trouble));
            return;
        }

        foreach (var target in targets)
        {
            if (replaced.GetValueOrDefault(target.Link) is not { } link)
            {
                tally.Failed(target, new CliException(ExitCode.Failure, "not_replaced", "The service made no copy, so the link stays."));
                continue;
            }

            folder.Remove(target.File!);
            folder.Add(target.File! with { Link = link });
            tally.Done(target, link, oldLink: target.Link);
        }
    }

    private static CliException? IsLeft(LinkTarget target) => target switch
    {
        { Parent: null } => CliException.Usage("Only the path of a file tells where it lies.", "give its path, or use --lock"),
        { File: { HasPassword: true } or { IsRestricted: true } } => CliException.Conflict("A password or rule guards it, which a new link would not have.", "use --lock, or remove them first"),
        _ => null,
    };
}
