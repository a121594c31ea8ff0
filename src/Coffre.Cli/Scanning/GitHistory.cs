using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Coffre.Cli.Scanning;

/// <summary>Reads all that a repository holds: every version of every file, messages and tags, also what no branch leads to any more.</summary>
/// <remarks>Nothing of the repository's own configuration is run: no hooks, filters, text conversions, and nothing is fetched.</remarks>
internal sealed class GitHistory(string folder)
{
    private const int LongestHeader = 200;

    /// <summary>The work tree, or the folder itself if it is bare; null if git knows none there.</summary>
    public static string? FindRoot(string folder)
    {
        var (exitCode, output, _) = new GitHistory(folder).Ask("rev-parse", "--show-toplevel");
        return exitCode == 0 && output.Length > 0 ? output
            : new GitHistory(folder).Ask("rev-parse", "--is-bare-repository") is (0, "true", _) ? folder : null;
    }

    /// <summary>Keys in the repository's objects, with the object that holds each.</summary>
    /// <exception cref="IOException">git is missing, or cannot read the repository.</exception>
    public IEnumerable<(KeyHit Hit, string ObjectId, string Type)> Hunt(KeyHunter hunter)
    {
        using var git = Start("cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer");
        var errors = git.StandardError.ReadToEndAsync();
        using var stream = new BufferedStream(git.StandardOutput.BaseStream, 64 * 1024);
        while (ReadHeader(stream) is { } header)
        {
            var words = header.Split(' ');
            if (words is not [var id, var type, var sizeText] || !long.TryParse(sizeText, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            {
                continue;
            }

            using var body = new Part(stream, size);
            if (type is not "tree")
            {
                foreach (var hit in hunter.Hunt(body))
                {
                    yield return (hit, id, type);
                }
            }

            body.Skip();
            _ = stream.ReadByte();
        }

        git.WaitForExit();
        if (git.ExitCode != 0)
        {
            throw new IOException("git cannot read it: " + FirstLine(errors.GetAwaiter().GetResult()));
        }
    }

    /// <summary>The commit that brought an object in, and the path that it has there; nulls if no branch, tag or reflog leads to it.</summary>
    public (string? Commit, string? Path) Locate(string objectId, string type)
    {
        if (type is not "blob")
        {
            return (objectId[..10], null);
        }

        var (_, output, _) = Ask("log", "--all", "--reflog", "--no-textconv", "--no-ext-diff", "--no-show-signature", "-m", "--abbrev=10", "--format=%x01%h", "--name-only", "-z", "--find-object=" + objectId);

        // The oldest stands last.
        var first = output.Split('\x01', StringSplitOptions.RemoveEmptyEntries).LastOrDefault()?.Split(['\0', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return first is [var commit, ..] ? (commit, first.Length > 1 ? first[1] : null) : (null, null);
    }

    private (int ExitCode, string Output, string Error) Ask(params string[] arguments)
    {
        using var git = Start(arguments);
        var errors = git.StandardError.ReadToEndAsync();
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return (git.ExitCode, output.TrimEnd('\n', '\r'), FirstLine(errors.GetAwaiter().GetResult()));
    }

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["--no-pager", "--no-replace-objects", "-c", "core.fsmonitor=false", "-C", folder, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            UseShellExecute = false,
        };
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["GIT_NO_LAZY_FETCH"] = "1";
        start.Environment["GIT_ALLOW_PROTOCOL"] = "none";
        start.Environment["GIT_OPTIONAL_LOCKS"] = "0";
        try
        {
            var git = Process.Start(start)!;
            git.StandardInput.Close();
            return git;
        }
        catch (Win32Exception exception)
        {
            throw new IOException("git is needed for --git, and cannot be started here: " + exception.Message, exception);
        }
    }

    private static string FirstLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "it does not say why.";

    private static string? ReadHeader(Stream stream)
    {
        var header = new StringBuilder();
        int value;
        while ((value = stream.ReadByte()) is not (-1 or '\n') && header.Length < LongestHeader)
        {
            header.Append((char)value);
        }

        return value == -1 ? null : header.ToString();
    }

    /// <summary>The next bytes of a stream, so many and no more.</summary>
    private sealed class Part(Stream inner, long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = inner.Read(buffer, offset, (int)Math.Min(count, _left));
            _left -= read;
            return read;
        }

        public void Skip()
        {
            var waste = new byte[Math.Min(_left, 64 * 1024)];
            while (_left > 0 && Read(waste, 0, waste.Length) > 0)
            {
                // Passed over.
            }
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
