using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Cli.Scanning;
using Coffre.Protocol;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre keys scan</c>: finds keys where they should not be, and shows none of them.</summary>
internal static class KeysScanCommand
{
    public static Command Make(CommandKit kit)
    {
        var paths = new Argument<string[]>("path") { Description = "Files and folders to look into; - is standard input", Arity = ArgumentArity.ZeroOrMore };
        var git = kit.Flags.Switch("--git", "Also all that the repositories there ever held: every version of every file, messages, lost commits");
        var history = kit.Flags.Switch("--history", "Also what shells and consoles of yours keep of what was typed");
        var command = new DescribedCommand("scan", "Find keys that lie about in files, git history and shell history", ["coffre keys scan --git ~/src/app", "coffre keys scan --history --json"])
        {
            Notes = """
                Finds keys of coffre-servers (their checksum proves them) and of 1fichier.com (32 characters where 1fichier is spoken of; where only
                'api_key' or 'Bearer' stands before them, the kind ends in '?'). Keys are shown masked. Exit code 15: some were found; 0: none;
                8: none, but not all could be read. Archives are not opened, symbolic links not followed, .git folders left out.
                """,
        };
        command.Add(paths);
        command.Add(git);
        command.Add(history);
        kit.Does(command, (run, parse, cancellationToken) =>
        {
            var given = parse.GetValue(paths) ?? [];
            if (given.Length == 0 && !parse.GetValue(history))
            {
                throw CliException.Usage("Name what to look into, or give --history.", "coffre keys scan . looks into this folder");
            }

            var scan = new Scan(run, cancellationToken);
            foreach (var path in given)
            {
                scan.Look(path, parse.GetValue(git));
            }

            if (parse.GetValue(history))
            {
                ShellHistory.Files(run.World).ToList().ForEach(file => scan.Look(file, withGit: false));
            }

            return Task.FromResult(scan.Close());
        });
        return command;
    }

    private sealed class Scan(Run run, CancellationToken cancellationToken)
    {
        private readonly KeyHunter _hunter = new();
        private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
        private readonly HashSet<string> _repositories = new(StringComparer.Ordinal);
        private ErrorReport? _trouble;
        private int _files;
        private int _hits;

        public void Look(string path, bool withGit)
        {
            if (path is "-")
            {
                Read(path, run.World.OpenInput);
                return;
            }

            if (!Path.Exists(path))
            {
                throw CliException.NotFound($"{path} does not exist.", "check the path");
            }

            var walk = new FileWalk((where, trouble) => _trouble = run.Report.ItemFailed(where, trouble));
            foreach (var file in walk.Files(path))
            {
                Read(file, () => new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
            }

            if (withGit)
            {
                var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
                LookAtRepositories([GitHistory.FindRoot(folder), .. walk.Repositories]);
            }
        }

        public ExitCode Close()
        {
            run.Report.Note(string.Create(
                CultureInfo.InvariantCulture, $"{_files} files{(_repositories.Count > 0 ? $" and {_repositories.Count} repositories" : "")} read; {_keys.Count} keys found in {_hits} places."));
            if (_hits > 0)
            {
                run.Report.Note("Whoever saw them can use them: coffre keys revoke --stdin < FILE ends those of a coffre-server; 1fichier.com's console renews the others.");
                return ExitCode.KeysFound;
            }

            if (_trouble is { } trouble)
            {
                run.Report.SetError(trouble with { ExitCode = (int)ExitCode.Partial });
                return ExitCode.Partial;
            }

            return ExitCode.Success;
        }

        private void LookAtRepositories(IEnumerable<string?> folders)
        {
            foreach (var folder in folders.OfType<string>().Where(folder => _repositories.Add(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))))
            {
                var git = new GitHistory(folder);
                Guard(folder, () =>
                {
                    foreach (var (hit, id, type) in git.Hunt(_hunter))
                    {
                        var (commit, path) = git.Locate(id, type);
                        Add(hit, Path.Combine(folder, path ?? $"({type} {id[..10]})"), commit ?? "lost");
                    }
                });
            }
        }

        private void Read(string name, Func<Stream> open) => Guard(name, () =>
        {
            using var stream = open();
            _files++;
            foreach (var hit in _hunter.Hunt(stream))
            {
                Add(hit, name, commit: null);
            }
        });

        private void Guard(string name, Action read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                read();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                _trouble = run.Report.ItemFailed(name, exception);
            }
        }

        private void Add(KeyHit hit, string file, string? commit)
        {
            cancellationToken.ThrowIfCancellationRequested();
            run.Hide(hit.Key);
            _keys.Add(hit.Key);
            _hits++;
            run.Report.Add(new KeyHitResult
            {
                Kind = hit.Kind switch { KeyKind.Coffre => "coffre", KeyKind.OneFichier => "1fichier", _ => "1fichier?" },
                Key = ApiKey.Mask(hit.Key),
                Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(hit.Key)))[..16],
                File = file,
                LineNumber = hit.Line,
                Commit = commit,
            });
        }
    }
}
