using System.Diagnostics.CodeAnalysis;

namespace Coffre.Protocol;

/// <summary>What a key may be used for. On the wire: words such as <c>read</c>, separated by commas where they stand in one text.</summary>
[Flags]
public enum KeyScopes
{
    None = 0,

    /// <summary>List folders, look at files, download.</summary>
    Read = 1,

    /// <summary>Upload, make folders, copy, move, rename, describe.</summary>
    Write = 2,

    /// <summary>Remove files and folders.</summary>
    Delete = 4,

    /// <summary>Public pages, shares, passwords and access rules.</summary>
    Share = 8,

    /// <summary>Have the server fetch URLs.</summary>
    Remote = 16,

    /// <summary>Keys, settings, FTP users and vouchers of the account.</summary>
    Account = 32,

    /// <summary>What only owners and admins may do: other accounts, the audit log.</summary>
    Admin = 64,

    /// <summary>What can be done with files alone; all that a key with a root folder may have.</summary>
    Files = Read | Write | Delete | Share,

    All = Files | Remote | Account | Admin,
}

/// <summary>The words for <see cref="KeyScopes"/>.</summary>
public static class KeyScopeNames
{
    private static readonly (KeyScopes Scope, string Name)[] Names =
    [
        (KeyScopes.Read, "read"), (KeyScopes.Write, "write"), (KeyScopes.Delete, "delete"), (KeyScopes.Share, "share"),
        (KeyScopes.Remote, "remote"), (KeyScopes.Account, "account"), (KeyScopes.Admin, "admin"),
    ];

    /// <summary>All words, in their order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names.Select(pair => pair.Name)];

    /// <summary>The words for what is set, in their order.</summary>
    public static IReadOnlyList<string> Of(KeyScopes scopes) =>
        [.. Names.Where(pair => scopes.HasFlag(pair.Scope)).Select(pair => pair.Name)];

    /// <summary>Reads words; each may stand more than once.</summary>
    /// <param name="words">For example <c>read</c>, <c>write</c>.</param>
    /// <param name="scopes">What they stand for together.</param>
    /// <param name="unknown">The first word that is none; null if all are.</param>
    public static bool TryParse(IEnumerable<string> words, out KeyScopes scopes, [NotNullWhen(false)] out string? unknown)
    {
        (scopes, unknown) = (KeyScopes.None, null);
        foreach (var word in words)
        {
            var found = Names.FirstOrDefault(pair => string.Equals(pair.Name, word, StringComparison.Ordinal)).Scope;
            if (found == KeyScopes.None)
            {
                unknown = word;
                return false;
            }

            scopes |= found;
        }

        return true;
    }
}
