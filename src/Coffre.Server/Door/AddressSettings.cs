using Coffre.Server.Settings;

namespace Coffre.Server.Door;

/// <summary>The addresses that links show.</summary>
internal static class AddressSettings
{
    private const int MaxDomains = 100;

    public static readonly Setting Public = Setting.Words(
        "Public:Address", "", "http(s)://host[:port], or empty", "Address that links show (domain 0); empty: the one that the caller used.",
        text => text.Length == 0 || IsAddress(text));

    public static readonly Setting Domains = Setting.Words(
        "Public:Domains", "", $"up to {MaxDomains} of http(s)://host[:port], separated by commas",
        "Further addresses that links may show: domains 1, 2, … in this order. All of them must lead to this server.",
        text => Split(text) is { Count: <= MaxDomains } domains && domains.All(IsAddress));

    public static readonly Setting Plain = Setting.Words(
        "Public:PlainAddress", "", "http://host[:port], or empty", "Address without TLS, for those who ask for it (no_ssl, default_port); empty: there is none.",
        text => text.Length == 0 || (IsAddress(text) && text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)));

    public static IReadOnlyList<Setting> All { get; } = [Public, Domains, Plain];

    public static IReadOnlyList<string> Split(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.PathAndQuery is "/" && uri.UserInfo.Length == 0;
}
