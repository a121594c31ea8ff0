using System.Text.RegularExpressions;
using Coffre.Client.Filters;

namespace Coffre.Client.Sync;

/// <summary>Reads a local folder with all below.</summary>
internal sealed partial class LocalTreeReader(SyncOptions options, bool isDestination)
{
    private const UnixFileMode Permissions = (UnixFileMode)0x1FF;

    private readonly SyncTree _tree = new();

    // Real paths of the folders above, so that a link to one of them is not walked for ever.
    private readonly HashSet<string> _above = new(StringComparer.Ordinal);

    /// <summary>The tree; empty where a destination is not there yet.</summary>
    /// <exception cref="CoffreException"><see cref="CoffreError.NotFound"/>: there is no such source. <see cref="CoffreError.LocalFile"/>: the top cannot be read.</exception>
    public SyncTree Read(string root, CancellationToken cancellationToken)
    {
        var top = new DirectoryInfo(root);
        if (!top.Exists)
        {
            return isDestination && !File.Exists(root)
                ? _tree
                : throw new CoffreException(CoffreError.NotFound, $"There is no folder {root} on this machine.") { Advice = "check the spelling, and that its disk is mounted" };
        }

        try
        {
            Look(top, "", cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CoffreException(CoffreError.LocalFile, $"{root} cannot be read: {exception.Message}", exception);
        }

        return _tree;
    }

    private void Look(DirectoryInfo folder, string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var realPath = LocalFolder.RealPath(folder);
        if (!_above.Add(realPath))
        {
            LeaveOut(path, $"{folder.FullName} leads back to a folder above it; it is left out.");
            return;
        }

        var listing = LocalFolder.List(folder, options.FollowLinks && !isDestination);
        if (options.Filter.MarkerAmong(listing.Files.Select(file => file.Name), listing.Folders.Select(child => child.Name)) is not null)
        {
            _tree.Untouched.Add(path);
            _above.Remove(realPath);
            return;
        }

        if (path.Length > 0)
        {
            NoteFolder(folder, path);
        }

        foreach (var left in listing.LeftOut)
        {
            LeaveOut(SyncTree.Join(path, left.Name), $"{left.Path} {left.Why}");
        }

        foreach (var file in listing.Files)
        {
            NoteFile(file, SyncTree.Join(path, file.Name));
        }

        foreach (var child in listing.Folders)
        {
            TryLook(child, SyncTree.Join(path, child.Name), cancellationToken);
        }

        _above.Remove(realPath);
    }

    private void TryLook(DirectoryInfo child, string path, CancellationToken cancellationToken)
    {
        // What a sync took away here must not be taken away, or sent, by another one.
        if (child.Name is TrashPlace.FolderName || !options.Filter.MayHold(path))
        {
            _tree.Untouched.Add(path);
            return;
        }

        try
        {
            Look(child, path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What it holds is not known: that must never look as if it held nothing.
            _tree.Untouched.Add(path);
            _tree.Problems.Add(new SyncProblem(path, exception));
        }
    }

    private void NoteFolder(DirectoryInfo folder, string path)
    {
        if (options.Filter.Judge(new FilterItem(path, IsFolder: true)).Included)
        {
            _tree.Folders[path] = new SyncFolder(path) { Mode = ModeOf(folder) };
        }
    }

    private void NoteFile(LocalEntry file, string path)
    {
        var modified = new DateTimeOffset(file.Facts.LastWriteTimeUtc);
        if (PartForm().IsMatch(file.Name) || !options.Filter.Judge(new FilterItem(path, IsFolder: false, file.Facts.Length, modified)).Included)
        {
            _tree.Untouched.Add(path);
            return;
        }

        _tree.Files[path] = new SyncFile(path, file.Facts.Length) { Modified = modified, Mode = ModeOf(file.Facts), LocalPath = file.Path };
    }

    private void LeaveOut(string path, string why)
    {
        _tree.Untouched.Add(path);
        options.Listener?.Warn(why);
    }

    private static int? ModeOf(FileSystemInfo entry) => OperatingSystem.IsWindows() ? null : (int)(entry.UnixFileMode & Permissions);

    // What downloads leave behind when they are cut: the next one goes on with it.
    [GeneratedRegex(@"\.[0-9a-f]{10}\.part(\.[a-z]+)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex PartForm();
}
