using Coffre.Client.Index;

namespace Coffre.Client.Sync;

/// <summary>The sidecars that were read or written lately, in the file of the index: what did not change is not fetched again.</summary>
internal sealed class SidecarTable(IndexStore store)
{
    private readonly Lock _gate = new();
    private bool _isMade;

    public byte[]? Find(long folderId, string checksum)
    {
        Make();
        return store.Read(session => session.List(
            "select content from sidecar where folder = @folder and checksum = @checksum", row => (byte[])row.GetValue(0), ("@folder", folderId), ("@checksum", checksum))) is [var content] ? content : null;
    }

    public void Keep(long folderId, string checksum, byte[] content)
    {
        Make();
        store.Write(session => session.Execute(
            "insert into sidecar (folder, checksum, content) values (@folder, @checksum, @content) on conflict (folder) do update set checksum = @checksum, content = @content",
            ("@folder", folderId), ("@checksum", checksum), ("@content", content)));
    }

    private void Make()
    {
        lock (_gate)
        {
            if (!_isMade)
            {
                store.Write(session => session.Execute("create table if not exists sidecar (folder integer primary key, checksum text not null, content blob not null)"));
                _isMade = true;
            }
        }
    }
}
