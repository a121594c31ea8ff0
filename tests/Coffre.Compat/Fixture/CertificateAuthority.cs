namespace Coffre.Compat.Fixture;

/// <summary>A throw-away authority and certificate for 1fichier's names and loopback, made by <c>coffre-server certificate</c>, once per run.</summary>
public sealed class CertificateAuthority
{
    private static readonly Lazy<Task<CertificateAuthority>> Instance = new(MakeAsync);

    private readonly TempFolder _folder;

    private CertificateAuthority(TempFolder folder)
    {
        _folder = folder;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
    }

    /// <summary>The authority's own certificate, for a client's <c>--ca-cert</c>.</summary>
    public string Authority => _folder["ca.pem"];

    public string Certificate => _folder["server.pem"];

    public string CertificateKey => _folder["server.key"];

    public static Task<CertificateAuthority> GetAsync() => Instance.Value;

    private static async Task<CertificateAuthority> MakeAsync()
    {
        var place = new TempFolder();
        var made = await ServerProcess.CommandAsync(
            "certificate", "--out", place.Path, "--name", "1fichier.com", "--name", "*.1fichier.com", "--name", "127.0.0.1", "--name", "localhost");
        made.Ok();
        return new CertificateAuthority(place);
    }
}
