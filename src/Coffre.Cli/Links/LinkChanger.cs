using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Links;

/// <summary>Changes many links with few calls. A file that the service refuses fails alone.</summary>
internal sealed class LinkChanger(FileChange change, Action<LinkTarget> changed, Action<LinkTarget, CoffreException> failed)
{
    private const int LinksPerCall = 100;

    /// <exception cref="CoffreException">The service takes nothing now.</exception>
    public async Task RunAsync(IEnumerable<LinkTarget> targets, CancellationToken cancellationToken)
    {
        foreach (var group in targets.GroupBy(target => target.Account))
        {
            foreach (var chunk in group.Chunk(LinksPerCall))
            {
                await ChangeAsync(chunk, cancellationToken);
            }
        }
    }

    private async Task ChangeAsync(LinkTarget[] targets, CancellationToken cancellationToken)
    {
        try
        {
            await targets[0].Account.Client.ChangeFilesAsync([.. targets.Select(target => target.Link)], change, cancellationToken);
        }
        catch (CoffreException trouble) when (trouble.Error is CoffreError.NotFound or CoffreError.Forbidden or CoffreError.Refused && targets.Length > 1)
        {
            // All or none: halves show which one it is.
            await ChangeAsync(targets[..(targets.Length / 2)], cancellationToken);
            await ChangeAsync(targets[(targets.Length / 2)..], cancellationToken);
            return;
        }
        catch (CoffreException trouble) when (!ExitCodes.StopsRun(trouble.Error))
        {
            Array.ForEach(targets, target => failed(target, trouble));
            return;
        }

        foreach (var target in targets)
        {
            Note(target);
            changed(target);
        }
    }

    /// <summary>What the index knows of the file stays true.</summary>
    private void Note(LinkTarget target)
    {
        if (target is not { File: { } file, Parent: { } parent })
        {
            return;
        }

        var after = file with
        {
            HasPassword = change.Password is null ? file.HasPassword : change.Password.Length > 0,
            IsRestricted = change.Rules is null ? file.IsRestricted : change.Rules != LinkRules.None,
        };
        if (after != file)
        {
            parent.Remove(file);
            parent.Add(after);
        }
    }
}
