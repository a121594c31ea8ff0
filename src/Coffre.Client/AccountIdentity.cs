using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Coffre.Client;

/// <summary>What an account is called in the state folder. Keys come and go; what is remembered of the account stays.</summary>
/// <remarks>A key that nobody told to be of a known account is an account of its own, named by a digest of it.</remarks>
internal static class AccountIdentity
{
    private const string FileName = "accounts.json";
    private const int Digits = 16;
    private const long LargestFile = 1024 * 1024;

    /// <param name="folder">Where the client remembers; null: nowhere.</param>
    /// <param name="service">Address of the service.</param>
    /// <param name="key">The key; null for none.</param>
    public static string Of(string? folder, Uri service, string? key)
    {
        var digest = DigestOf(service, key);
        return folder is null ? digest : Read(folder).GetValueOrDefault(digest, digest);
    }

    /// <summary>From now on the new key means the account of the old one.</summary>
    public static void Carry(string? folder, Uri service, string? oldKey, string newKey)
    {
        if (folder is null)
        {
            return;
        }

        var book = Read(folder);
        var (old, next) = (DigestOf(service, oldKey), DigestOf(service, newKey));
        book[next] = book.GetValueOrDefault(old, old);
        try
        {
            Client.StateFolder.Make(folder);
            var path = Path.Combine(folder, FileName);
            using (var file = new FileStream(path + ".new", Client.StateFolder.Options(FileMode.Create, FileShare.None)))
            {
                JsonSerializer.Serialize(file, book, IdentityJson.Default.DictionaryStringString);
            }

            File.Move(path + ".new", path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What is remembered is made anew then.
        }
    }

    private static Dictionary<string, string> Read(string folder)
    {
        try
        {
            var file = new FileInfo(Path.Combine(folder, FileName));
            if (file is not { Exists: true, Length: < LargestFile })
            {
                return [];
            }

            using var stream = file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var book = JsonSerializer.Deserialize(stream, IdentityJson.Default.DictionaryStringString) ?? [];

            // They become names of files.
            return book.Where(pair => pair.Value is { Length: Digits } name && name.All(char.IsAsciiHexDigitLower)).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    private static string DigestOf(Uri service, string? key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{service.Authority}\n{key}")).AsSpan(0, Digits / 2));
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class IdentityJson : JsonSerializerContext;
