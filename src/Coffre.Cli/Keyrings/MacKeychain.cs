using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Coffre.Cli.Keyrings;

/// <summary>The login keychain of macOS, by calls into its Security framework: the program <c>security</c> would want the secret as an argument.</summary>
internal sealed unsafe partial class MacKeychain : IKeyring
{
    private const string Security = "/System/Library/Frameworks/Security.framework/Security";
    private const string CoreFoundation = "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation";
    private const int NotFound = -25300;

    public string Name => "The keychain";

    public string? Find(KeyringItem item, CancellationToken cancellationToken) =>
        WithItem(item, (_, data, length) => Encoding.UTF8.GetString((byte*)data, length), out var secret) ? secret : null;

    public void Store(KeyringItem item, string secret, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        if (WithItem(item, (found, _, _) => Change(found, bytes), out var status))
        {
            Check(status);
            return;
        }

        var (service, account) = Names(item);
        fixed (byte* data = bytes)
        {
            Check(SecKeychainAddGenericPassword(0, (uint)service.Length, service, (uint)account.Length, account, (uint)bytes.Length, data, 0));
        }
    }

    public bool Delete(KeyringItem item, CancellationToken cancellationToken)
    {
        if (!WithItem(item, (found, _, _) => SecKeychainItemDelete(found), out var status))
        {
            return false;
        }

        Check(status);
        return true;
    }

    private static int Change(nint item, byte[] secret)
    {
        fixed (byte* data = secret)
        {
            return SecKeychainItemModifyAttributesAndData(item, 0, (uint)secret.Length, data);
        }
    }

    private static bool WithItem<T>(KeyringItem item, Func<nint, nint, int, T> use, out T? answer)
    {
        var (service, account) = Names(item);
        var status = SecKeychainFindGenericPassword(0, (uint)service.Length, service, (uint)account.Length, account, out var length, out var data, out var found);
        answer = default;
        if (status == NotFound)
        {
            return false;
        }

        Check(status);
        try
        {
            answer = use(found, data, (int)length);
        }
        finally
        {
            _ = SecKeychainItemFreeContent(0, data);
            CFRelease(found);
        }

        return true;
    }

    private static (byte[] Service, byte[] Account) Names(KeyringItem item) => (Encoding.UTF8.GetBytes("coffre " + item.Service), Encoding.UTF8.GetBytes(item.Account));

    private static void Check(int status)
    {
        if (status != 0)
        {
            throw new KeyringException(
                string.Create(CultureInfo.InvariantCulture, $"The keychain refused (status {status})."),
                "unlock it (security unlock-keychain), or set COFFRE_API_KEY_FILE");
        }
    }

    [LibraryImport(Security)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SecKeychainFindGenericPassword(
        nint keychain, uint serviceLength, byte[] service, uint accountLength, byte[] account, out uint length, out nint data, out nint item);

    [LibraryImport(Security)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SecKeychainAddGenericPassword(
        nint keychain, uint serviceLength, byte[] service, uint accountLength, byte[] account, uint length, byte* data, nint item);

    [LibraryImport(Security)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SecKeychainItemModifyAttributesAndData(nint item, nint attributes, uint length, byte* data);

    [LibraryImport(Security)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SecKeychainItemDelete(nint item);

    [LibraryImport(Security)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SecKeychainItemFreeContent(nint attributes, nint data);

    [LibraryImport(CoreFoundation)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void CFRelease(nint reference);
}
