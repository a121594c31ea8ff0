using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Coffre.Protocol;
using Coffre.Server.Door;
using Konscious.Security.Cryptography;

namespace Coffre.Server.Access;

/// <summary>Passwords of accounts, as Argon2id digests that say how they were made: <c>$argon2id$v=19$m=19456,t=2,p=1$salt$digest</c>.</summary>
/// <remarks>Slow by design (tens of milliseconds, 19 MiB): never on the catalog's writer, and only behind <see cref="SignIn"/>.</remarks>
internal static class PasswordDigest
{
    public const int MinLength = 8;
    public const int MaxLength = 1024;

    private const int MemoryKiB = 19_456;
    private const int Passes = 2;
    private const int Lanes = 1;
    private const int SaltLength = 16;
    private const int DigestLength = 32;
    private const string Prefix = "$argon2id$v=19$";

    /// <summary>Why a new password cannot be one; null if it can.</summary>
    public static Fault? FaultOf(string? password) =>
        password is { Length: >= MinLength and <= MaxLength } ? null : new Fault(KoCode.BadParameter, $"a password has {MinLength} to {MaxLength} characters");

    public static string Of(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        var digest = Derive(password, salt, MemoryKiB, Passes, Lanes);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Prefix}m={MemoryKiB},t={Passes},p={Lanes}${Convert.ToBase64String(salt)}${Convert.ToBase64String(digest)}");
    }

    /// <summary>Whether this is the password that was digested.</summary>
    public static bool Fits(string password, string kept)
    {
        // "", "argon2id", "v=19", "m=…,t=…,p=…", salt, digest
        var parts = kept.Split('$');
        var costs = parts[3].Split(',').Select(cost => int.Parse(cost.AsSpan(2), CultureInfo.InvariantCulture)).ToArray();
        var digest = Derive(password, Convert.FromBase64String(parts[4]), costs[0], costs[1], costs[2]);
        return CryptographicOperations.FixedTimeEquals(digest, Convert.FromBase64String(parts[5]));
    }

    /// <summary>Whether it was made with other costs than today's.</summary>
    public static bool IsOutdated(string kept) =>
        !kept.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{Prefix}m={MemoryKiB},t={Passes},p={Lanes}$"), StringComparison.Ordinal);

    private static byte[] Derive(string password, byte[] salt, int memoryKiB, int passes, int lanes)
    {
        using var argon = new Argon2id(Encoding.UTF8.GetBytes(password))
        {
            Salt = salt,
            MemorySize = memoryKiB,
            Iterations = passes,
            DegreeOfParallelism = lanes,
        };
        return argon.GetBytes(DigestLength);
    }
}
