using Coffre.Server.Settings;

namespace Coffre.Server.Access;

/// <summary>What an operator may set about access rules.</summary>
internal static class AccessSettings
{
    public static readonly Setting CountryDatabase = Setting.Words(
        "Access:CountryDatabase", "", "a file in MaxMind's format (.mmdb)",
        "Table of the countries of addresses, for access rules by country; empty: such rules refuse everybody. Read once, at the start.");

    public static IReadOnlyList<Setting> All { get; } = [CountryDatabase];
}
