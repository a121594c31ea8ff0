using System.Security.Cryptography;

namespace Coffre.Server.Keys;

/// <summary>Secrets of the server itself: 32 random bytes each, in files that only the owner may read, apart from the database.</summary>
internal static class SecretFile
{
    public const string Pepper = "pepper";
    public const string DownloadTokens = "download-tokens";
    public const string Audit = "audit";
    public const string TwoStep = "two-step";
    public const string ViewAgain = "view-again";
    private const int Length = 32;

    public static byte[] ReadOrMake(string folder, string name)
    {
        CreatePrivateFolder(folder);
        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            Make(path);
        }

        var secret = File.ReadAllBytes(path);
        return secret.Length == Length
            ? secret
            : throw new InvalidDataException($"The secret '{path}' has {secret.Length} bytes instead of {Length}. Restore it from a backup.");
    }

    public static void CreatePrivateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void Make(string path)
    {
        var part = path + ".part";
        File.Delete(part);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(part, options))
        {
            file.Write(RandomNumberGenerator.GetBytes(Length));
            file.Flush(flushToDisk: true);
        }

        File.Move(part, path, overwrite: false);
    }
}
