using System.Net;
using Coffre.Protocol;
using Coffre.Server.Folders;

namespace Coffre.Server.Keys;

/// <summary>What a key may do, where, and from where.</summary>
/// <param name="Scopes">What it may be used for.</param>
/// <param name="RootId">The folder that stands for its root; 0: the account's own.</param>
/// <param name="Networks">Where it may be used from; empty: anywhere.</param>
/// <param name="CallsPerSecond">Its own rate; null: that of all keys.</param>
internal sealed record KeyRights(KeyScopes Scopes, long RootId, IReadOnlyList<IPNetwork> Networks, long? CallsPerSecond)
{
    /// <summary>Of keys that nobody restricted, and of whoever signs in with a password.</summary>
    public static KeyRights All { get; } = new(KeyScopes.All, Folder.RootId, [], null);

    /// <summary>Whether the key may be used from an address.</summary>
    public bool Admits(IPAddress? address)
    {
        if (Networks.Count == 0)
        {
            return true;
        }

        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return plain is not null && Networks.Any(network => network.Contains(plain));
    }

    /// <summary>Networks as the catalog has them: separated by commas.</summary>
    public string NetworksText => string.Join(',', Networks);

    /// <summary>Reads what <see cref="NetworksText"/> wrote.</summary>
    public static IReadOnlyList<IPNetwork> ReadNetworks(string text) =>
        text.Length == 0 ? [] : [.. text.Split(',').Select(network => IPNetwork.Parse(network))];
}
