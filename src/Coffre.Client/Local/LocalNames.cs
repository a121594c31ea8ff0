using System.Text;

namespace Coffre.Client;

/// <summary>Names that the service gives, as names of local files. They come from others, so they are not trusted.</summary>
public static class LocalNames
{
    /// <summary>The local form of a remote name; one that would lead elsewhere keeps its look-alikes.</summary>
    public static string Of(string remoteName)
    {
        var name = NameEncoding.Decode(remoteName);
        if (IsSafe(name))
        {
            return name;
        }

        // A slash, "..", a NUL: the look-alikes are harmless.
        name = NameEncoding.Encode(name);
        return IsSafe(name) ? name : throw new IOException($"The service names a file '{remoteName}', which cannot be a file here.");
    }

    /// <summary>Whether a name can only mean a file or folder right here: no slash, no <c>..</c>, nothing that this system forbids.</summary>
    public static bool IsSafe(string name) =>
        name.Length > 0 && name is not ("." or "..") && name.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) < 0
        && (!OperatingSystem.IsWindows() || !(name.EndsWith('.') || name.EndsWith(' ')));

    /// <summary>Whether a name fits into a folder of this machine, mostly 255 bytes.</summary>
    public static bool Fits(string name) => OperatingSystem.IsWindows() ? name.Length <= 255 : Encoding.UTF8.GetByteCount(name) <= 255;
}
