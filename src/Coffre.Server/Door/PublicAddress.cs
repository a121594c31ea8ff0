using Coffre.Server.Settings;

namespace Coffre.Server.Door;

/// <summary>The addresses that links show: the operator's, or else the one that the caller used.</summary>
internal sealed class PublicAddress(ServerSettings settings)
{
    private readonly Uri? _fixed = Read(settings.Text(AddressSettings.Public));
    private readonly Uri? _plain = Read(settings.Text(AddressSettings.Plain));
    private readonly Uri[] _domains = [.. AddressSettings.Split(settings.Text(AddressSettings.Domains)).Select(text => Read(text)!)];

    /// <summary>The highest number of a domain.</summary>
    public int LastDomain => _domains.Length;

    /// <summary>Whether there is an address without TLS.</summary>
    public bool HasPlain => _plain is not null;

    /// <summary><c>scheme://host[:port]</c>, without a slash at the end.</summary>
    public string Base(HttpRequest request) => _fixed is null ? $"{request.Scheme}://{request.Host.Value}" : Text(_fixed);

    /// <summary>The same, without TLS where that was asked for and can be had.</summary>
    public string Base(HttpRequest request, bool isPlain) => isPlain && _plain is not null ? Text(_plain) : Base(request);

    /// <summary>Host, and port where it is not the scheme's own: what an upload node is called.</summary>
    public string Authority(HttpRequest request) => _fixed?.Authority ?? request.Host.Value ?? "";

    public string Link(HttpRequest request, PublicLink link) => $"{BaseOf(link) ?? Base(request)}/?{link.Id}";

    /// <summary>For mails, which nobody's request gives an address to: without <c>Public:Address</c> the part behind the host.</summary>
    public string Link(PublicLink link) => $"{BaseOf(link) ?? (_fixed is null ? "" : Text(_fixed))}/?{link.Id}";

    public string FolderLink(HttpRequest request, string link) => $"{Base(request)}/dir/{link}";

    public string Removal(HttpRequest request, PublicLink link, string code) => $"{BaseOf(link) ?? Base(request)}/remove/{link.Id}/{code}";

    /// <summary>The address of a link's own; null where it has none, or one that there is not (any more): all of them lead here.</summary>
    private string? BaseOf(PublicLink link) =>
        link.IsPlain && _plain is not null ? Text(_plain)
        : link.Domain >= 1 && link.Domain <= _domains.Length ? Text(_domains[link.Domain - 1])
        : null;

    private static string Text(Uri address) => $"{address.Scheme}://{address.Authority}";

    private static Uri? Read(string text) => text.Length == 0 ? null : new Uri(text, UriKind.Absolute);
}

/// <summary>What the link of a file is made of.</summary>
/// <param name="Id">5 to 20 characters.</param>
/// <param name="Domain">Which address it shows; 0 is the server's own.</param>
/// <param name="IsPlain">Without TLS, where there is such an address.</param>
internal readonly record struct PublicLink(string Id, int Domain, bool IsPlain);
