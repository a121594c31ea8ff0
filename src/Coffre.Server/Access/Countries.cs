using System.Net;
using Coffre.Server.Settings;
using MaxMind.Db;

namespace Coffre.Server.Access;

/// <summary>In which country an address is, by the operator's table.</summary>
internal sealed class Countries : IDisposable
{
    private readonly Reader? _reader;

    public Countries(ServerSettings settings)
    {
        if (settings.Text(AccessSettings.CountryDatabase) is not { Length: > 0 } path)
        {
            return;
        }

        try
        {
            _reader = new Reader(path, FileAccessMode.Memory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDatabaseException)
        {
            throw new SettingException($"The table of countries cannot be read ({AccessSettings.CountryDatabase.Key} '{path}'): {exception.Message}");
        }
    }

    /// <summary>Whether there is a table at all.</summary>
    public bool IsKnown => _reader is not null;

    /// <summary>Two letters of ISO 3166; null where the table has nothing on the address.</summary>
    public string? Of(IPAddress? address)
    {
        if (_reader is null || address is null)
        {
            return null;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (plain.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && _reader.Metadata.IPVersion == 4)
        {
            return null;
        }

        var entry = _reader.Find<Dictionary<string, object>>(plain);
        return CodeOf(entry, "country") ?? CodeOf(entry, "registered_country");
    }

    public void Dispose() => _reader?.Dispose();

    private static string? CodeOf(Dictionary<string, object>? entry, string field) =>
        entry is not null && entry.TryGetValue(field, out var value) && value is Dictionary<string, object> country
        && country.TryGetValue("iso_code", out var code)
            ? code as string
            : null;
}
