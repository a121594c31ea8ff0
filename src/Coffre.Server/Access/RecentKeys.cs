using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Coffre.Server.Limits;

namespace Coffre.Server.Access;

/// <summary>Which keys were good from which addresses lately. The keys themselves are not kept.</summary>
internal sealed class RecentKeys(int capacity)
{
    private readonly Lock _gate = new();
    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(32);
    private readonly RecentTable<(Subject Address, long High, long Low), object> _known = new(capacity);

    public void Add(Subject address, string key)
    {
        var name = Name(address, key);
        lock (_gate)
        {
            if (_known.Find(name) is null)
            {
                _known.Set(name, _known);
            }
        }
    }

    public bool Has(Subject address, string key)
    {
        var name = Name(address, key);
        lock (_gate)
        {
            return _known.Find(name) is not null;
        }
    }

    private (Subject Address, long High, long Low) Name(Subject address, string key)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_salt, Encoding.ASCII.GetBytes(key), digest);
        return (address, BinaryPrimitives.ReadInt64BigEndian(digest), BinaryPrimitives.ReadInt64BigEndian(digest[8..]));
    }
}
