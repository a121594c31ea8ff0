using System.Text.Json;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Door;

namespace Coffre.Server.Sharing;

/// <summary>Somebody with whom a folder is to be shared, as a client asks for it.</summary>
internal sealed record GroupWish(string Email, bool MayWrite, bool HidesLinks)
{
    private const int MaxMembers = 200;

    /// <summary>Reads <c>shares</c>: a list takes the place of the one that was there, <c>[]</c> and <c>0</c> end all shares, nothing leaves them.</summary>
    public static Outcome<IReadOnlyList<GroupWish>?> Read(JsonElement? shares)
    {
        if (shares is not { } element || element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
        {
            return Outcome.Of<IReadOnlyList<GroupWish>?>(null);
        }

        if (element.ValueKind is JsonValueKind.Number or JsonValueKind.String && element.ToString() == "0")
        {
            return Outcome.Of<IReadOnlyList<GroupWish>?>([]);
        }

        if (element.ValueKind != JsonValueKind.Array)
        {
            return new Fault(KoCode.BadParameter, "shares is a list, or 0");
        }

        if (element.GetArrayLength() > MaxMembers)
        {
            return new Fault(KoCode.TooManyItems, $"a folder is shared with at most {MaxMembers} accounts");
        }

        var wishes = new List<GroupWish>();
        foreach (var item in element.EnumerateArray())
        {
            var wish = ReadOne(item);
            if (wish.IsFault)
            {
                return wish.Fault;
            }

            wishes.Add(wish.Value);
        }

        return wishes;
    }

    private static Outcome<GroupWish> ReadOne(JsonElement item)
    {
        FolderMember? member;
        try
        {
            member = item.Deserialize(V1Json.Default.FolderMember);
        }
        catch (JsonException)
        {
            member = null;
        }

        if (member?.Email is not { Length: > 0 } email || member.MayWrite is not (0 or 1) || member.HideLinks is not (0 or 1))
        {
            return new Fault(KoCode.BadParameter, "each of shares has email, and rw and hide_links as 0 or 1");
        }

        // Who does not see the links cannot write either.
        return new GroupWish(email.Trim(), member.MayWrite == 1 && member.HideLinks == 0, member.HideLinks == 1);
    }
}
