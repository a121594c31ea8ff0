using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Coffre.Server.Sessions;

/// <summary>Codes of authenticator apps: RFC 6238 with SHA-1, 6 digits, 30 seconds, which is what all apps know.</summary>
internal static class Totp
{
    public const int Digits = 6;
    private const int Modulus = 1_000_000;
    private const int SecretLength = 20;
    private const int StepSeconds = 30;

    // One step to either side: clocks differ, and people type slowly.
    private const int Slack = 1;

    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretLength);

    public static string Code(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // The RFC's default, and the only one that all apps have; a MAC does not need collision resistance.
        HMACSHA1.HashData(secret, counter, mac);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(mac[(mac[^1] & 0xF)..]) & int.MaxValue;
        return (number % Modulus).ToString("D6", CultureInfo.InvariantCulture);
    }

    public static long StepAt(DateTimeOffset moment) => moment.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The time step that a code belongs to; null if it is of none near now, or of none after the last that was taken.</summary>
    public static long? FindStep(byte[] secret, string code, DateTimeOffset now, long lastTaken)
    {
        long? found = null;
        for (var step = StepAt(now) - Slack; step <= StepAt(now) + Slack; step++)
        {
            // All of them are compared, whichever fits.
            if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Code(secret, step)), Encoding.UTF8.GetBytes(code)) && step > lastTaken)
            {
                found ??= step;
            }
        }

        return found;
    }

    /// <summary>As apps take it when it is typed.</summary>
    public static string ToText(ReadOnlySpan<byte> secret)
    {
        var text = new StringBuilder();
        var (bits, count) = (0, 0);
        foreach (var value in secret)
        {
            bits = (bits << 8) | value;
            count += 8;
            while (count >= 5)
            {
                count -= 5;
                text.Append(Base32[(bits >> count) & 31]);
            }

            bits &= (1 << count) - 1;
        }

        if (count > 0)
        {
            text.Append(Base32[(bits << (5 - count)) & 31]);
        }

        return text.ToString();
    }

    /// <summary>As apps take it from a QR code.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="email">Which account.</param>
    /// <param name="issuer">Which server.</param>
    public static string ToUri(ReadOnlySpan<byte> secret, string email, string issuer) =>
        $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(email)}?secret={ToText(secret)}&issuer={Uri.EscapeDataString(issuer)}&algorithm=SHA1&digits={Digits}&period={StepSeconds}";
}
