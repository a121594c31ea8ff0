using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Filters;
using Coffre.Cli.Links;
using Coffre.Cli.Output;
using Coffre.Cli.Running;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre link</c>: the public links of files, and who may open them.</summary>
internal static class LinkCommand
{
    public static Command Make(CommandKit kit)
    {
        var paths = new Argument<string[]>("path") { Description = "Files, folders, patterns such as ':/Photos/*.jpg', links", Arity = ArgumentArity.ZeroOrMore };
        var list = kit.Flags.Text("--from-file", "File of such paths, one on each line; # begins a comment; - is standard input");
        var recursive = kit.Flags.Switch("--recursive", "Of a folder: the files below too", "-R");
        var filters = new FilterFlags(kit);
        var flags = new LinkFlags(kit);
        var command = new DescribedCommand("link", "Print the links of files, and say who may open them", ["coffre link :/report.pdf", "coffre link -R :/Album --password-generate --description 'Summer 2031'"])
        {
            Notes = """
                One link on each line, nothing else. Flags that change something change it for all of these files, a hundred in a call; what they do
                not name stays as it is. A password is never an argument; the owner needs none. A rule of one kind replaces all rules that were there.
                Of folders, the files that the filter takes, without the notes that sync keeps there (.coffre-sidecar).
                """ + Environment.NewLine + FilterFlags.Notes,
        };
        command.Add(paths);
        command.Add(list);
        command.Add(recursive);
        filters.AddTo(command);
        flags.AddTo(command);
        command.Add(LinkListCommand.Make(kit));
        command.Add(LinkRevokeCommand.Make(kit));
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var words = Words(run, parse.GetValue(paths), parse.GetValue(list));
            var (change, generated) = await flags.ReadAsync(run, parse, cancellationToken);
            var targets = await new LinkTargets(run, parse.GetValue(recursive)) { ChecksLinks = change is null, Filter = filters.Read(run, parse) }.FindAsync(words, cancellationToken);
            var tally = new LinkTally(run);
            if (change is null)
            {
                targets.ToList().ForEach(target => tally.Done(target, target.Link));
                return tally.Finish();
            }

            if (generated is not null)
            {
                run.Reveal(generated);
                run.Report.Note($"These links open with the password {generated}");
            }

            await new LinkChanger(change, target => tally.Done(target, target.Link, generated), tally.Failed).RunAsync(targets, cancellationToken);
            return tally.Finish();
        });
        return command;
    }

    /// <summary>Paths of the command line and of a list file.</summary>
    public static IReadOnlyList<string> Words(Run run, string[]? given, string? file)
    {
        string[] words = [.. given ?? [], .. file is null ? [] : InputFile.Lines(run, file, "--from-file").Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
        return words.Length > 0 ? words : throw CliException.Usage("There is nothing to link.", "name files, or a list of them with --from-file");
    }
}

/// <summary>Counts how the links of a run ended.</summary>
internal sealed class LinkTally(Run run)
{
    private int _failed;
    private int _done;
    private ErrorReport? _first;

    public void Done(LinkTarget target, string link, string? password = null, string? oldLink = null)
    {
        _done++;
        run.Report.Add(new LinkResult(target.Path, link) { Password = password, OldLink = oldLink });
    }

    public void Failed(LinkTarget target, Exception trouble)
    {
        _failed++;
        var described = run.Report.ItemFailed(target.Path, trouble);
        _first ??= described;
    }

    public ExitCode Finish()
    {
        if (_first is null)
        {
            return ExitCode.Success;
        }

        var error = _done == 0 && _failed == 1 ? _first
            : new ErrorReport("partial", string.Create(CultureInfo.InvariantCulture, $"{_failed} of {_failed + _done} links failed."), "see above what to do about each", (int)ExitCode.Partial);
        run.Report.SetError(error);
        return (ExitCode)error.ExitCode;
    }
}
