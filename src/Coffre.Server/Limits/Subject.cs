using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Coffre.Server.Access;

namespace Coffre.Server.Limits;

/// <summary>What a rule counts.</summary>
internal enum SubjectKind
{
    /// <summary>An IPv4 address, or the network of 64 bits that an IPv6 address lies in.</summary>
    Address,

    /// <summary>An account.</summary>
    User,

    /// <summary>An API key.</summary>
    Key,

    /// <summary>A folder as one call lists it.</summary>
    Folder,

    /// <summary>A name that was claimed at a sign-in.</summary>
    Name,
}

/// <summary>One thing that is counted.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="High">The first half of its number.</param>
/// <param name="Low">The second half.</param>
internal readonly record struct Subject(SubjectKind Kind, long High, long Low)
{
    /// <summary>Whoever holds an IPv6 network of 64 bits has all its addresses; they count as one.</summary>
    public static Subject Of(IPAddress? address)
    {
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address ?? IPAddress.None;
        Span<byte> bytes = stackalloc byte[16];
        plain.TryWriteBytes(bytes, out var length);
        return length == 4
            ? new Subject(SubjectKind.Address, 0, BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : new Subject(SubjectKind.Address, BinaryPrimitives.ReadInt64BigEndian(bytes), 0);
    }

    public static Subject User(long accountId) => new(SubjectKind.User, accountId, 0);

    /// <summary>A name that somebody claims, whether there is such an account or not; kept as a digest.</summary>
    public static Subject Named(string name)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        return new Subject(SubjectKind.Name, BinaryPrimitives.ReadInt64BigEndian(digest), BinaryPrimitives.ReadInt64BigEndian(digest.AsSpan(8)));
    }

    public static Subject KeyOf(Caller caller) => new(SubjectKind.Key, caller.AccountId, caller.CredentialId);

    /// <summary>As the catalog and the operator see it: <c>192.0.2.1</c>, <c>2001:db8::/64</c>, <c>7</c>, <c>7/12</c>.</summary>
    public string ToText()
    {
        Span<byte> bytes = stackalloc byte[16];
        switch (Kind)
        {
            case SubjectKind.Address when High == 0:
                BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)Low);
                return new IPAddress(bytes[..4]).ToString();
            case SubjectKind.Address:
                bytes.Clear();
                BinaryPrimitives.WriteInt64BigEndian(bytes, High);
                return $"{new IPAddress(bytes)}/64";
            case SubjectKind.User:
                return High.ToString(CultureInfo.InvariantCulture);
            default:
                return string.Create(CultureInfo.InvariantCulture, $"{High}/{Low}");
        }
    }

    public static Subject FromText(string kind, string text)
    {
        var parts = text.Split('/');
        return kind switch
        {
            AddressName => Of(IPAddress.Parse(parts[0])),
            UserName => User(Number(parts[0])),
            _ => new Subject(SubjectKind.Key, Number(parts[0]), Number(parts[1])),
        };
    }

    public const string AddressName = "address";
    public const string UserName = "user";
    public const string KeyName = "key";

    /// <summary>The kind, as the catalog and the operator see it.</summary>
    public string KindName => Kind switch
    {
        SubjectKind.Address => AddressName,
        SubjectKind.User => UserName,
        _ => KeyName,
    };

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
