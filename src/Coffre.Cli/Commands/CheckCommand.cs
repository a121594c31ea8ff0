using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Filters;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Cli.Syncing;
using Coffre.Client;
using Coffre.Client.Sync;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre check</c>: compares two folders, or a folder with a manifest.</summary>
internal static class CheckCommand
{
    public static Command Make(CommandKit kit)
    {
        var source = new Argument<string>("source") { Description = "A folder here or on the service, or the file of a manifest" };
        var destination = new Argument<string>("destination") { Description = "What it is compared with" };
        var checksum = kit.Flags.Switch("--checksum", "Compare checksums too: local files are read, the service is taken at its word", "-c");
        var download = kit.Flags.Switch("--download", "Compare contents: remote files are fetched");
        var oneWay = kit.Flags.Switch("--one-way", "Do not mind what the destination alone has");
        var manifest = kit.Flags.Text("--manifest", "Write what the source holds, with checksums, into this file: it can stand for the source later");
        var copyLinks = kit.Flags.Switch("--copy-links", "Look at what symbolic links point to, instead of leaving them out", "-L");
        var filters = new FilterFlags(kit);
        var command = new DescribedCommand("check", "Compare two folders", ["coffre check ./photos :/photos --checksum --manifest photos.manifest", "coffre check photos.manifest :/photos --download"])
        {
            Notes = """
                Prints a line for each file:   = the same   * different   + in the source alone   - in the destination alone   ! not readable
                Exit code 0 if all are the same, 11 if any differ or are missing, 8 if some could not be compared.
                """,
        };
        command.Add(source);
        command.Add(destination);
        Option[] options = [checksum, download, oneWay, manifest, copyLinks];
        Array.ForEach(options, command.Add);
        filters.AddTo(command);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var how = new SyncOptions { Filter = filters.Read(run, parse), FollowLinks = parse.GetValue(copyLinks), Listener = new Warnings(run) };
            var depth = parse.GetValue(download) ? CheckDepth.Download : parse.GetValue(checksum) ? CheckDepth.Checksum : CheckDepth.Size;
            var (from, to) = (SideOf(run, parse.GetRequiredValue(source), how), SideOf(run, parse.GetRequiredValue(destination), how));
            var lines = (await new TreeCheck(from, to).RunAsync(depth, parse.GetValue(oneWay), cancellationToken)).ToList();
            if (parse.GetValue(manifest) is { } file)
            {
                lines.AddRange((await from.WriteManifestAsync(file, depth, cancellationToken)).Where(line => !lines.Exists(other => other.Path == line.Path && other.State is CheckState.Error)));
            }

            return Tell(run, lines);
        });
        return command;
    }

    private static CheckSide SideOf(Run run, string text, SyncOptions options)
    {
        switch (Place.Parse(text))
        {
            case RemotePlace remote:
                var account = run.Open(remote);
                account.Index.Use = IndexUse.Fresh;
                return CheckSide.Remote(account.Client, account.Index, remote.Names, options);
            case LocalPlace local:
                return File.Exists(local.Path) ? CheckSide.Manifest(local.Path, options) : CheckSide.Local(local.Path, options);
            default:
                throw CliException.Usage("Folders are wanted here, or the file of a manifest.");
        }
    }

    private static ExitCode Tell(Run run, List<CheckLine> lines)
    {
        foreach (var line in lines)
        {
            run.Report.Add(new CheckResult { Symbol = SymbolOf(line.State), Path = line.Path, State = WordOf(line.State), Reason = line.Reason });
            if (line is { State: CheckState.Error, Reason: { } reason })
            {
                run.Report.Warn($"{line.Path}: {reason}");
            }
        }

        int Count(CheckState state) => lines.Count(line => line.State == state);
        run.Report.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{Count(CheckState.Same)} the same, {Count(CheckState.Different)} different, {Count(CheckState.MissingInDestination)} in the source alone, {Count(CheckState.MissingInSource)} in the destination alone, {Count(CheckState.Error)} not comparable."));
        var (code, word, message) = (lines.Count - Count(CheckState.Same), Count(CheckState.Error)) switch
        {
            (0, _) => (ExitCode.Success, "", ""),
            var (all, errors) when all > errors => (ExitCode.Integrity, "different", "The two sides are not the same."),
            _ => (ExitCode.Partial, "partial", "Some files could not be compared."),
        };
        if (code != ExitCode.Success)
        {
            run.Report.SetError(new Output.ErrorReport(word, message, null, (int)code));
        }

        return code;
    }

    private static string SymbolOf(CheckState state) => state switch
    {
        CheckState.Same => "=",
        CheckState.MissingInSource => "-",
        CheckState.MissingInDestination => "+",
        CheckState.Different => "*",
        _ => "!",
    };

    private static string WordOf(CheckState state) => state switch
    {
        CheckState.Same => "same",
        CheckState.MissingInSource => "missing_in_source",
        CheckState.MissingInDestination => "missing_in_destination",
        CheckState.Different => "different",
        _ => "error",
    };
}
