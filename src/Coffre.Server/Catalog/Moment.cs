namespace Coffre.Server.Catalog;

/// <summary>Times as the catalog keeps them: milliseconds since 1970-01-01 UTC.</summary>
internal static class Moment
{
    public static long ToCatalog(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds();

    public static long? ToCatalog(DateTimeOffset? moment) => moment?.ToUnixTimeMilliseconds();

    public static DateTimeOffset FromCatalog(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
