namespace Coffre.Cli.Keyrings;

/// <summary>The keyring of this system.</summary>
internal static class SystemKeyring
{
    public static IKeyring Open() => new LimitedKeyring(Choose(), LimitedKeyring.Usual);

    private static IKeyring Choose() =>
        OperatingSystem.IsWindows() ? new WindowsCredentials()
        : OperatingSystem.IsMacOS() ? new MacKeychain()
        : new SecretService();
}
