namespace Coffre.Client.Sync;

/// <summary>Writes the sidecar of a folder: alone, or as one more file of a request that goes there anyway.</summary>
internal sealed class SidecarWriter(CoffreClient client, RemoteIndex index)
{
    private readonly FolderSender _sender = new(client);
    private readonly SidecarTable _known = new(index.Store);

    public FolderSender Sender => _sender;

    /// <summary>The sidecar as a file to send; null if it need not be written.</summary>
    /// <param name="folder">Whose.</param>
    /// <param name="coming">Remote names of files that travel with it.</param>
    public FileToSend? Compose(RemoteFolderSide folder, IReadOnlySet<string> coming)
    {
        if (!folder.Notes.IsChanged || folder.Notes.IsForeign)
        {
            return null;
        }

        var content = folder.Notes.Compose(folder.Node, coming).Write();
        return new FileToSend { Name = Sidecar.FileName, Length = content.Length, Content = content, Replaces = folder.Sidecars, Tag = this };
    }

    /// <summary>Takes note that it went.</summary>
    public void Written(RemoteFolderSide folder, SendOutcome outcome)
    {
        folder.Notes.Written();
        if (outcome.Kept is { Checksum: { } checksum } && outcome.File.Content is { } content)
        {
            _known.Keep(folder.Node.Id, checksum, content.ToArray());
        }
    }

    public async Task WriteAsync(RemoteFolderSide folder, CancellationToken cancellationToken)
    {
        if (Compose(folder, new HashSet<string>(StringComparer.Ordinal)) is not { } file)
        {
            return;
        }

        var outcome = (await _sender.SendAsync(folder.Node, [file], cancellationToken: cancellationToken).ConfigureAwait(false))[0];
        if (outcome.Trouble is { } trouble)
        {
            throw trouble as CoffreException ?? new CoffreException(CoffreError.LocalFile, trouble.Message, trouble);
        }

        Written(folder, outcome);
    }
}
