using Coffre.Server.Settings;

namespace Coffre.Server.Door;

/// <summary>The address that links show: the operator's, or else the one that the caller used.</summary>
internal sealed class PublicAddress(ServerSettings settings)
{
    private readonly Uri? _fixed =
        settings.Text(SettingList.Public) is { Length: > 0 } text ? new Uri(text, UriKind.Absolute) : null;

    /// <summary><c>scheme://host[:port]</c>, without a slash at the end.</summary>
    public string Base(HttpRequest request) =>
        _fixed is null ? $"{request.Scheme}://{request.Host.Value}" : $"{_fixed.Scheme}://{_fixed.Authority}";

    /// <summary>Host, and port where it is not the scheme's own: what an upload node is called.</summary>
    public string Authority(HttpRequest request) => _fixed?.Authority ?? request.Host.Value ?? "";

    public string Link(HttpRequest request, string link) => $"{Base(request)}/?{link}";

    public string FolderLink(HttpRequest request, string link) => $"{Base(request)}/dir/{link}";

    public string Removal(HttpRequest request, string link, string code) => $"{Base(request)}/remove/{link}/{code}";
}
