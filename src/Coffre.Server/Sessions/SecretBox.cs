using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Coffre.Server.Sessions;

/// <summary>Seals small secrets that must be read again, by AES-256-GCM under a key that lies outside the database.</summary>
/// <remarks>
/// <c>1 byte form (1), 12 bytes nonce, ciphertext, 16 bytes tag</c>. Account and purpose are bound in: what was sealed for one account opens for no other.
/// </remarks>
internal sealed class SecretBox(byte[] key)
{
    private const byte Form = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int Overhead = 1 + NonceLength + TagLength;

    public byte[] Seal(ReadOnlySpan<byte> secret, long accountId, string purpose)
    {
        var box = new byte[Overhead + secret.Length];
        box[0] = Form;
        var nonce = box.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, secret, box.AsSpan(1 + NonceLength, secret.Length), box.AsSpan(box.Length - TagLength), Bound(accountId, purpose));
        return box;
    }

    /// <exception cref="CryptographicException">It was sealed under another key, for another account or purpose, or was changed.</exception>
    public byte[] Open(ReadOnlySpan<byte> box, long accountId, string purpose)
    {
        if (box.Length < Overhead || box[0] != Form)
        {
            throw new CryptographicException("This is no sealed secret of a known form.");
        }

        var secret = new byte[box.Length - Overhead];
        using var aes = new AesGcm(key, TagLength);
        aes.Decrypt(box.Slice(1, NonceLength), box[(1 + NonceLength)..^TagLength], box[^TagLength..], secret, Bound(accountId, purpose));
        return secret;
    }

    private static byte[] Bound(long accountId, string purpose)
    {
        var bound = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(purpose)];
        BinaryPrimitives.WriteInt64BigEndian(bound, accountId);
        Encoding.UTF8.GetBytes(purpose, bound.AsSpan(sizeof(long)));
        return bound;
    }
}
