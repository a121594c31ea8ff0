namespace Coffre.Compat.Fixture;

/// <summary>How a server is to be started. What is null is left to the server's own default.</summary>
public sealed record ServerOptions
{
    /// <summary>The data folder; a new temp folder of the server's own if null.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Scheme and host that links and upload nodes are given with.</summary>
    public string? Public { get; init; }

    /// <summary>Serve HTTPS beside HTTP, with a certificate for 1fichier's names and loopback.</summary>
    public bool Https { get; init; }

    /// <summary>Settings in the form <c>Section:Name=value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Environment variables beside those of the tests.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
