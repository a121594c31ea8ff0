using System.Buffers;
using System.Text.Json.Nodes;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Folders;
using Coffre.Server.Settings;

namespace Coffre.Server.Ftp;

/// <summary>Makes, lists and removes FTP users.</summary>
internal sealed class FtpUserDesk(CatalogStore catalog, FtpTable table, FolderTable folders, SignIn signIn, AuditTable audit, ServerSettings settings)
{
    private const int MaxName = 64;
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    private readonly int _maxUsers = settings.Int(FtpSettings.Users);
    private readonly bool _isOn = settings.Int(FtpSettings.Port) != 0;

    public Fault? OffFault => _isOn ? null : new Fault(KoCode.FtpOff);

    public ValueTask<IReadOnlyList<FtpUser>> ListAsync(long accountId, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => table.ListUsers(session, accountId), cancellationToken);

    public async ValueTask<Outcome<FtpUser>> AddAsync(long accountId, string? name, string? password, long folderId, Actor actor, CancellationToken cancellationToken)
    {
        if (name is not { Length: > 0 and <= MaxName } || name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            return new Fault(KoCode.BadParameter, $"user has 1 to {MaxName} of letters, digits and . _ -");
        }

        if (password is not { Length: >= PasswordDigest.MinLength and <= PasswordDigest.MaxLength })
        {
            return new Fault(KoCode.BadParameter, $"pass has {PasswordDigest.MinLength} characters or more");
        }

        // Slow: in its turn, and not on the writer's thread.
        var digest = await signIn.DigestAsync(password, cancellationToken);
        if (digest.IsFault)
        {
            return digest.Fault;
        }

        var user = new FtpUser(name, accountId, folderId, digest.Value);
        return await catalog.WriteAsync<Outcome<FtpUser>>(
            session =>
            {
                if (!folders.Exists(session, accountId, folderId))
                {
                    return new Fault(KoCode.NoSuchFolder);
                }

                if (table.FindUser(session, name) is not null)
                {
                    return new Fault(KoCode.FtpUserTaken);
                }

                if (table.ListUsers(session, accountId).Count >= _maxUsers)
                {
                    return new Fault(KoCode.TooManyItems, $"at most {_maxUsers} FTP users");
                }

                table.AddUser(session, user);
                audit.Add(session, new AuditEvent(AccountEvents.FtpUserMade, actor, accountId) { Detail = new JsonObject { ["user"] = name, ["folder_id"] = folderId } });
                return user;
            },
            cancellationToken);
    }

    public async ValueTask<Outcome<string>> RemoveAsync(long accountId, string? name, Actor actor, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(name))
        {
            return new Fault(KoCode.MissingParameter, "user");
        }

        return await catalog.WriteAsync<Outcome<string>>(
            session =>
            {
                if (!table.RemoveUser(session, accountId, name))
                {
                    return new Fault(KoCode.NoSuchFtpUser);
                }

                audit.Add(session, new AuditEvent(AccountEvents.FtpUserRemoved, actor, accountId) { Detail = new JsonObject { ["user"] = name } });
                return name;
            },
            cancellationToken);
    }
}
