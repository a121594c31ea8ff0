using System.Security.Cryptography;
using System.Text;

namespace Coffre.Server.Keys;

/// <summary>What is kept of a key: HMAC-SHA256 under a pepper that lies outside the database.</summary>
/// <remarks>A key holds 131 random bits, so a slow hash would add nothing; without the pepper the digests are of no use.</remarks>
internal sealed class KeyDigest(byte[] pepper)
{
    public byte[] Of(string key) => HMACSHA256.HashData(pepper, Encoding.ASCII.GetBytes(key));
}
