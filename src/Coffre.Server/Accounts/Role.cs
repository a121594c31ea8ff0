using Coffre.Protocol;

namespace Coffre.Server.Accounts;

/// <summary>What an account may do beyond its own files.</summary>
internal enum Role
{
    /// <summary>Nothing.</summary>
    Member,

    /// <summary>Look after other accounts.</summary>
    Admin,

    /// <summary>The same; the account that the first start made.</summary>
    Owner,
}

/// <summary>Roles as the catalog and operators write them.</summary>
internal static class RoleName
{
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<Role>().Select(Of)];

    public static string Of(Role role) => role.ToString().ToLowerInvariant();

    public static Role Parse(string name) => Enum.Parse<Role>(name, ignoreCase: true);

    /// <summary>What a key may be used for, cut down to what its account's role allows now.</summary>
    public static KeyScopes Cut(KeyScopes scopes, Role role) => role == Role.Member ? scopes & ~KeyScopes.Admin : scopes;
}
