using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Coffre.Server.Access;

/// <summary>Passwords of links: kept as PBKDF2-HMAC-SHA256, <c>iterations.salt.digest</c>.</summary>
internal static class LinkPassword
{
    public const int MaxLength = 1024;
    private const int Iterations = 100_000;
    private const int DigestLength = 32;

    public static string Digest(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var digest = Derive(password, salt, Iterations);
        return string.Create(CultureInfo.InvariantCulture, $"{Iterations}.{Convert.ToHexString(salt)}.{Convert.ToHexString(digest)}");
    }

    public static bool Fits(string password, string kept)
    {
        var parts = kept.Split('.');
        var digest = Derive(password, Convert.FromHexString(parts[1]), int.Parse(parts[0], CultureInfo.InvariantCulture));
        return CryptographicOperations.FixedTimeEquals(digest, Convert.FromHexString(parts[2]));
    }

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(password.Length > MaxLength ? password[..MaxLength] : password),
            salt, iterations, HashAlgorithmName.SHA256, DigestLength);
}
