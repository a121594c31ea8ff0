using Coffre.Client;

namespace Backups;

internal static class LinksExample
{
    /// <summary>Guards many links with few calls: whoever has one needs the password, and has to come from the network.</summary>
    public static Task<int> GuardAsync(CoffreClient client, IReadOnlyCollection<string> links, string password, CancellationToken cancellationToken) =>
        client.ChangeFilesAsync(
            links, new FileChange { Password = password, Description = "for friends", Rules = new LinkRules { Networks = ["192.0.2.0/24"] } }, cancellationToken);

    /// <summary>Ends the links of a folder for good; the files get others.</summary>
    public static async Task<IReadOnlyCollection<string>> RevokeAsync(CoffreClient client, long folderId, CancellationToken cancellationToken)
    {
        var files = await client.ListFilesAsync(folderId, cancellationToken);

        // The copies would be open, so guarded ones are left alone. What is not in the answer keeps its old link.
        var open = files.Where(file => !file.HasPassword && !file.IsRestricted).Select(file => file.Link).ToArray();
        var replaced = await client.ReplaceLinksAsync(open, folderId, cancellationToken);
        return [.. replaced.Values];
    }
}
