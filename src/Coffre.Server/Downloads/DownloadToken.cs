using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using Coffre.Server.Files;
using Coffre.Server.Keys;
using Coffre.Server.Settings;

namespace Coffre.Server.Downloads;

/// <summary>A short-lived right to fetch one file.</summary>
/// <param name="AccountId">Owner of the file.</param>
/// <param name="FileId">The file.</param>
/// <param name="ExpiresAt">When the right ends (UTC, whole seconds).</param>
/// <param name="Inline">Show it, rather than save it.</param>
/// <param name="IsMember">Given to the file's own account, or to one that shares its folder: access rules do not bind it.</param>
/// <param name="Issuer">The key that asked for it, and dies with it; null: nobody's.</param>
internal sealed record DownloadToken(long AccountId, long FileId, DateTimeOffset ExpiresAt, bool Inline, bool IsMember, KeyName? Issuer);

/// <summary>Issues download tokens and takes them back.</summary>
/// <remarks>
/// A token carries what it grants, signed with HMAC-SHA256 (96 bits) under a secret of the server, so that no table is written
/// and a forged one is told before the catalog is asked. Written as decimal digits: clients look for <c>/p</c> and digits.
/// </remarks>
internal sealed class DownloadTokens(byte[] secret, ServerSettings settings, TimeProvider clock)
{
    private const byte Version = 2;
    private const int PayloadLength = 1 + 8 + 8 + 8 + 1 + 8 + 8;
    private const int SignatureLength = 12;
    private const int MaxDigits = 140;
    private const byte InlineFlag = 1;
    private const byte MemberFlag = 2;

    private const int MostKnown = 10_000;

    private readonly ConcurrentDictionary<string, DownloadToken> _known = new(StringComparer.Ordinal);
    private int _count;
    private readonly TimeSpan _lifetime = settings.Seconds(SettingList.TokenSeconds);

    /// <param name="file">What may be fetched.</param>
    /// <param name="inline">Show it, rather than save it.</param>
    /// <param name="isMember">Access rules do not bind it.</param>
    /// <param name="issuer">The key that asks; null: nobody's.</param>
    /// <returns>Decimal digits.</returns>
    public string Issue(FileRow file, bool inline, bool isMember, KeyName? issuer)
    {
        Span<byte> bytes = stackalloc byte[PayloadLength + SignatureLength];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], file.AccountId);
        BinaryPrimitives.WriteInt64BigEndian(bytes[9..], file.Id);
        BinaryPrimitives.WriteInt64BigEndian(bytes[17..], (clock.GetUtcNow() + _lifetime).ToUnixTimeSeconds());
        bytes[25] = (byte)((inline ? InlineFlag : 0) | (isMember ? MemberFlag : 0));
        BinaryPrimitives.WriteInt64BigEndian(bytes[26..], issuer?.AccountId ?? 0);
        BinaryPrimitives.WriteInt64BigEndian(bytes[34..], issuer?.KeyId ?? 0);
        Sign(bytes[..PayloadLength], bytes[PayloadLength..]);
        return new BigInteger(bytes, isUnsigned: true, isBigEndian: true).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>What the token grants; null if it was not made here, or has expired.</summary>
    /// <remarks>Those that were good are remembered: what a token says never changes, and reading 140 digits costs as much as a small file.</remarks>
    public DownloadToken? Redeem(string digits)
    {
        if (_known.TryGetValue(digits, out var known))
        {
            return known.ExpiresAt > clock.GetUtcNow() ? known : null;
        }

        if (Read(digits) is not { } token || token.ExpiresAt <= clock.GetUtcNow())
        {
            return null;
        }

        if (Interlocked.Increment(ref _count) > MostKnown)
        {
            _known.Clear();
            Volatile.Write(ref _count, 1);
        }

        _known[digits] = token;
        return token;
    }

    private DownloadToken? Read(string digits)
    {
        if (digits.Length > MaxDigits
            || !BigInteger.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number.GetByteCount(isUnsigned: true) != PayloadLength + SignatureLength)
        {
            return null;
        }

        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true).AsSpan();
        Span<byte> signature = stackalloc byte[SignatureLength];
        Sign(bytes[..PayloadLength], signature);
        if (bytes[0] != Version || !CryptographicOperations.FixedTimeEquals(signature, bytes[PayloadLength..]))
        {
            return null;
        }

        var expiresAt = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(bytes[17..]));
        var issuer = new KeyName(BinaryPrimitives.ReadInt64BigEndian(bytes[26..]), BinaryPrimitives.ReadInt64BigEndian(bytes[34..]));
        return new DownloadToken(BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), BinaryPrimitives.ReadInt64BigEndian(bytes[9..]), expiresAt,
            (bytes[25] & InlineFlag) != 0, (bytes[25] & MemberFlag) != 0, issuer.KeyId == 0 ? null : issuer);
    }

    private void Sign(ReadOnlySpan<byte> payload, Span<byte> signature)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, payload, digest);
        digest[..SignatureLength].CopyTo(signature);
    }
}
