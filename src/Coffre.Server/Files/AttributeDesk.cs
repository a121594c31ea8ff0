using System.Text.Json;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;

namespace Coffre.Server.Files;

/// <summary>Changes what is said of files: description, password, flags, access rules; and the name of a single one.</summary>
internal sealed class AttributeDesk(CatalogStore catalog, FileTable files, AccountTable accounts, LinkResolver resolver, ItemLimits limits)
{
    private const int MinPassword = 6;
    private const int MaxDescription = 2000;

    /// <summary>Changes all or none. If nothing would change, that is a fault, as clients expect.</summary>
    public async ValueTask<Outcome<IReadOnlyList<FileRow>>> ChangeAsync(Caller caller, AttributeChange change, CancellationToken cancellationToken)
    {
        if ((FaultOf(change) ?? (change is { Password: null, Acl: null } ? null : caller.FaultWithout(KeyScopes.Share))) is { } fault)
        {
            return fault;
        }

        var wish = change;
        if (change.Password is { Length: > 0 } password)
        {
            // Slow on purpose: not on the writer's thread.
            wish = change with { Password = LinkPassword.Digest(password) };
        }

        var rules = change.Acl is { } acl ? AccessRules.Read(acl) : default;
        if (rules.IsFault)
        {
            return rules.Fault;
        }

        return await catalog.WriteAsync<Outcome<IReadOnlyList<FileRow>>>(
            session =>
            {
                var changed = new List<FileRow>();
                foreach (var url in change.Urls)
                {
                    if (resolver.FindWritable(session, caller.Reach, url) is not { } file)
                    {
                        return new Fault(KoCode.NotFound);
                    }

                    var after = Apply(file, wish, rules.Value);
                    if (after == file)
                    {
                        continue;
                    }

                    if (after.Name != file.Name && files.FindByName(session, file.AccountId, file.FolderId, after.Name) is not null)
                    {
                        return new Fault(KoCode.NameTaken);
                    }

                    files.Move(session, file, file.FolderId, after.Name);
                    files.SetAttributes(session, after);
                    accounts.AddChange(session, file.AccountId, new Change("file.changed", file.FolderId, file.Id, after.Name));
                    changed.Add(after);
                }

                return changed.Count > 0 ? changed : new Fault(KoCode.NothingChanged);
            },
            cancellationToken);
    }

    private static FileRow Apply(FileRow file, AttributeChange change, AccessRules? rules) => file with
    {
        Name = change.Name ?? file.Name,
        Description = change.Description ?? file.Description,
        Password = change.Password is null ? file.Password : change.Password.Length == 0 ? null : change.Password,
        NoSsl = change.NoSsl is { } noSsl ? noSsl == 1 : file.NoSsl,
        Inline = change.Inline is { } inline ? inline == 1 : file.Inline,
        Cdn = change.Cdn is { } cdn ? cdn == 1 : file.Cdn,
        Rules = change.Acl is null || file.Rules?.ToText() == rules?.ToText() ? file.Rules : rules,
    };

    private Fault? FaultOf(AttributeChange change)
    {
        if ((limits.CountFault(change.Urls.Count) ?? ItemLimits.RenameFault(change.Urls.Count, change.Name)) is { } fault)
        {
            return fault;
        }

        if (change.Password is { Length: > 0 and < MinPassword } or { Length: > LinkPassword.MaxLength })
        {
            return new Fault(KoCode.BadParameter, $"pass has {MinPassword} to {LinkPassword.MaxLength} characters, or none");
        }

        if (change.Description?.Length > MaxDescription)
        {
            return new Fault(KoCode.BadParameter, $"description has at most {MaxDescription} characters");
        }

        return new[] { change.NoSsl, change.Inline, change.Cdn }.Any(flag => flag is not (null or 0 or 1))
            ? new Fault(KoCode.BadParameter, "no_ssl, inline and cdn are 0 or 1")
            : null;
    }
}

/// <summary>What to change; null leaves it.</summary>
internal sealed record AttributeChange(
    IReadOnlyList<string> Urls, string? Name, string? Description, string? Password, int? NoSsl, int? Inline, int? Cdn, JsonElement? Acl);
