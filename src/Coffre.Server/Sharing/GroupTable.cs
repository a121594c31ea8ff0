using Coffre.Server.Catalog;

namespace Coffre.Server.Sharing;

/// <summary>The statements on folders that are shared with other accounts.</summary>
internal sealed class GroupTable(TimeProvider clock)
{
    private const string Select =
        """
        select s.account_id, o.email, s.folder_id, s.member_id, m.email, s.may_write, s.hides_links
        from folder_share s join account o on o.id = s.account_id join account m on m.id = s.member_id
        """;

    /// <summary>With whom a folder is shared, by e-mail address.</summary>
    public IReadOnlyList<GroupShare> ListOf(CatalogSession session, long ownerId, long folderId) =>
        [.. session.List(
            $"{Select} where s.account_id = @owner and s.folder_id = @folder order by m.email", Read, ("@owner", ownerId), ("@folder", folderId))];

    /// <summary>What others share with an account, by owner and folder.</summary>
    public IReadOnlyList<GroupShare> ListFor(CatalogSession session, long memberId) =>
        [.. session.List($"{Select} where s.member_id = @member order by o.email, s.folder_id", Read, ("@member", memberId))];

    /// <summary>What one account shares with another.</summary>
    public IReadOnlyList<GroupShare> ListBetween(CatalogSession session, long ownerId, long memberId) =>
        [.. session.List(
            $"{Select} where s.member_id = @member and s.account_id = @owner order by s.folder_id", Read, ("@member", memberId), ("@owner", ownerId))];

    public void Add(CatalogSession session, long ownerId, long folderId, GroupMember member) =>
        session.Execute(
            """
            insert or replace into folder_share (account_id, folder_id, member_id, may_write, hides_links, created_at)
            values (@owner, @folder, @member, @write, @hide, @now)
            """,
            ("@owner", ownerId), ("@folder", folderId), ("@member", member.AccountId), ("@write", member.MayWrite ? 1 : 0),
            ("@hide", member.HidesLinks ? 1 : 0), ("@now", Moment.ToCatalog(clock.GetUtcNow())));

    /// <summary>Nobody shares the folder any more.</summary>
    public void Clear(CatalogSession session, long ownerId, long folderId) =>
        session.Execute(
            "delete from folder_share where account_id = @owner and folder_id = @folder", ("@owner", ownerId), ("@folder", folderId));

    private static GroupShare Read(CatalogRow row) =>
        new(row.GetInt64(0), row.GetString(1), row.GetInt64(2), new GroupMember(row.GetInt64(3), row.GetString(4), row.GetInt64(5) != 0, row.GetInt64(6) != 0));
}

/// <summary>One folder that one account shares with another.</summary>
internal sealed record GroupShare(long OwnerId, string OwnerEmail, long FolderId, GroupMember Member);

/// <summary>Somebody who sees a folder of another account.</summary>
/// <param name="AccountId">Who.</param>
/// <param name="Email">Address of that account.</param>
/// <param name="MayWrite">May add, change, move and remove in it.</param>
/// <param name="HidesLinks">Is not told the links of its files; never with <paramref name="MayWrite"/>.</param>
internal sealed record GroupMember(long AccountId, string Email, bool MayWrite, bool HidesLinks);
