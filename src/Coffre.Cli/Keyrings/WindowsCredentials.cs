using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Coffre.Cli.Keyrings;

/// <summary>The Credential Manager of Windows: generic credentials of the user, by calls into advapi32.</summary>
internal sealed unsafe partial class WindowsCredentials : IKeyring
{
    private const uint Generic = 1;
    private const uint ThisMachine = 2;
    private const int NotFound = 1168;

    public string Name => "The Credential Manager";

    public string? Find(KeyringItem item, CancellationToken cancellationToken)
    {
        if (!CredReadW(Target(item), Generic, 0, out var found))
        {
            return IsMissing() ? null : throw Trouble();
        }

        try
        {
            return Encoding.UTF8.GetString(found->Blob, (int)found->BlobSize);
        }
        finally
        {
            CredFree(found);
        }
    }

    public void Store(KeyringItem item, string secret, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        fixed (char* target = Target(item))
        fixed (char* user = item.Account)
        fixed (byte* blob = bytes)
        {
            var credential = new Credential { Type = Generic, Persist = ThisMachine, TargetName = target, UserName = user, Blob = blob, BlobSize = (uint)bytes.Length };
            if (!CredWriteW(&credential, 0))
            {
                throw Trouble();
            }
        }
    }

    public bool Delete(KeyringItem item, CancellationToken cancellationToken) =>
        CredDeleteW(Target(item), Generic, 0) || (IsMissing() ? false : throw Trouble());

    private static string Target(KeyringItem item) => $"coffre:{item.Account}@{item.Service}";

    private static bool IsMissing() => Marshal.GetLastPInvokeError() == NotFound;

    private static KeyringException Trouble() => new(
        string.Create(CultureInfo.InvariantCulture, $"The Credential Manager refused (error {Marshal.GetLastPInvokeError()})."),
        "log in to the machine itself rather than over the network, or set COFFRE_API_KEY_FILE");

    [LibraryImport("advapi32.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CredReadW(string target, uint type, uint flags, out Credential* credential);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CredWriteW(Credential* credential, uint flags);

    [LibraryImport("advapi32.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CredDeleteW(string target, uint type, uint flags);

    [LibraryImport("advapi32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial void CredFree(Credential* credential);

    /// <summary><c>CREDENTIALW</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Credential
    {
        public uint Flags;
        public uint Type;
        public char* TargetName;
        public char* Comment;
        public long LastWritten;
        public uint BlobSize;
        public byte* Blob;
        public uint Persist;
        public uint AttributeCount;
        public nint Attributes;
        public char* TargetAlias;
        public char* UserName;
    }
}
