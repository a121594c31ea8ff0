using System.Buffers;
using System.Net;

namespace Coffre.Client.Calls;

/// <summary>Where the service lives, and which other addresses belong to it.</summary>
internal sealed class ServiceAddress
{
    private const string Vendor = "1fichier.com";

    private static readonly SearchValues<char> NotInHosts = SearchValues.Create("/\\@?#% ");

    public ServiceAddress(Uri given)
    {
        if (!given.IsAbsoluteUri || given.Scheme is not ("http" or "https") || given.UserInfo.Length > 0 || given.Query.Length > 0)
        {
            throw new ArgumentException($"The base address must look like https://host[:port]/, without name, password or query.", nameof(given));
        }

        if (given.AbsolutePath.TrimEnd('/') is not ("" or "/v1"))
        {
            throw new ArgumentException($"The base address must not have a path: {given.GetLeftPart(UriPartial.Authority)}/ is enough.", nameof(given));
        }

        IsOneFichier = IsVendor(given.Host);

        // People write the address of the site; its calls live on the API's host.
        var authority = IsOneFichier && given.Host is Vendor or "www." + Vendor
            ? $"{given.Scheme}://api.{Vendor}"
            : given.GetLeftPart(UriPartial.Authority);
        Base = new Uri(authority + "/");
    }

    public Uri Base { get; }

    /// <summary>Whether this is 1fichier.com itself, with its limits and habits.</summary>
    public bool IsOneFichier { get; }

    /// <summary>The address of a call.</summary>
    public Uri Call(string path) => new(Base, path);

    /// <summary>The address of an upload node that the service named as <c>host</c> or <c>host:port</c>.</summary>
    /// <exception cref="CoffreException">The node is on another host; nothing must be sent there.</exception>
    public Uri Node(string? named)
    {
        var authority = named?.Trim() ?? "";
        var prefix = Base.Scheme + "://";
        if (authority.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        {
            authority = authority[prefix.Length..].TrimEnd('/');
        }

        if (authority.Length == 0 || authority.AsSpan().ContainsAny(NotInHosts)
            || !Uri.TryCreate(prefix + authority + "/", UriKind.Absolute, out var node))
        {
            throw new CoffreException(CoffreError.UnexpectedAnswer, "The service named an upload node that is no host.");
        }

        return MayHaveKey(node)
            ? node
            : throw new CoffreException(CoffreError.ForeignHost, $"The service at {Base.Authority} named the upload node {node.Authority}, which is another host: nothing was sent.");
    }

    /// <summary>Whether the key may be sent there: the same host (any port), and never in clear where the base is not.</summary>
    public bool MayHaveKey(Uri target)
    {
        if (!string.Equals(target.Scheme, Base.Scheme, StringComparison.Ordinal) && !IsHttps(target))
        {
            return false;
        }

        return string.Equals(target.IdnHost, Base.IdnHost, StringComparison.OrdinalIgnoreCase)
            || (IsOneFichier && IsVendor(target.IdnHost))
            || (IsThisMachine(target) && IsThisMachine(Base));
    }

    public static bool IsHttps(Uri address) => string.Equals(address.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal);

    private static bool IsVendor(string host) =>
        host.Equals(Vendor, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + Vendor, StringComparison.OrdinalIgnoreCase);

    // The names of the one usual address. The others of 127.0.0.0/8 may belong to other programs.
    private static bool IsThisMachine(Uri address) =>
        address.Host is "localhost" || (IPAddress.TryParse(address.DnsSafeHost, out var ip) && (ip.Equals(IPAddress.Loopback) || ip.Equals(IPAddress.IPv6Loopback)));
}
