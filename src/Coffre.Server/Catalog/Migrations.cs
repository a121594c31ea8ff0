using System.Globalization;
using System.Reflection;

namespace Coffre.Server.Catalog;

/// <summary>Brings a catalog to the newest form: numbered files, each run once, in order, in one transaction.</summary>
internal static class Migrations
{
    /// <summary>The form that this version writes.</summary>
    public static int Newest => Numbers().Max();

    public static void Apply(CatalogSession session, TimeProvider clock)
    {
        var current = (int)(session.Number("pragma user_version") ?? 0);
        if (current > Newest)
        {
            throw new CatalogException(
                $"The catalog has form {current}; this version of coffre-server knows forms up to {Newest}. Start a newer version, or restore a backup.");
        }

        foreach (var number in Numbers().Where(number => number > current).Order())
        {
            session.Execute("begin immediate");
            // Another process may have been faster.
            if (session.Number("pragma user_version") < number)
            {
                session.Execute(Read(number));
                session.Execute(string.Create(CultureInfo.InvariantCulture, $"pragma user_version = {number}"));
                session.Execute(
                    "insert or replace into setting (name, value) values (@name, @value)",
                    ("@name", string.Create(CultureInfo.InvariantCulture, $"migrated.{number:0000}")),
                    ("@value", clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)));
            }

            session.Execute("commit");
        }
    }

    private static IEnumerable<int> Numbers() =>
        Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Select(name => int.Parse(Path.GetFileNameWithoutExtension(name), CultureInfo.InvariantCulture));

    private static string Read(int number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{number:0000}.sql");
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
