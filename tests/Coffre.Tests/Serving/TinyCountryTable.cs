using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Coffre.Tests.Serving;

/// <summary>Writes a table of countries in MaxMind's format (version 2.0): a search tree over the bits of addresses, then the entries.</summary>
internal static class TinyCountryTable
{
    private const int NoEntry = -1;

    /// <summary>IPv4 networks lie below <c>::/96</c>, as the format wants it.</summary>
    public static void Write(string path, params (string Network, string Country)[] networks)
    {
        var data = new MemoryStream();
        var nodes = new List<int[]> { new[] { NoEntry, NoEntry } };
        foreach (var (network, country) in networks)
        {
            Insert(nodes, IPNetwork.Parse(network), leaf: -2 - (int)data.Length);
            data.Write([.. Map(1), .. Text("country"), .. Map(1), .. Text("iso_code"), .. Text(country)]);
        }

        using var file = File.Create(path);
        foreach (var record in nodes.SelectMany(node => node))
        {
            // A node's number, "nothing here", or a place in the data behind the tree and its 16 zeros.
            var number = record >= 0 ? record : record == NoEntry ? nodes.Count : nodes.Count + 16 + (-2 - record);
            file.Write([(byte)(number >> 16), (byte)(number >> 8), (byte)number]);
        }

        file.Write(new byte[16]);
        file.Write(data.ToArray());
        file.Write([0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8]);
        file.Write(
        [
            .. Map(9),
            .. Text("node_count"), .. Number(6, (uint)nodes.Count),
            .. Text("record_size"), .. Number(5, 24),
            .. Text("ip_version"), .. Number(5, 6),
            .. Text("database_type"), .. Text("Test-Country"),
            .. Text("languages"), 0x00, 0x04,
            .. Text("binary_format_major_version"), .. Number(5, 2),
            .. Text("binary_format_minor_version"), .. Number(5, 0),
            .. Text("build_epoch"), 0x04, 0x02, 0x65, 0x00, 0x00, 0x00,
            .. Text("description"), .. Map(0),
        ]);
    }

    private static void Insert(List<int[]> nodes, IPNetwork network, int leaf)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        var bits = new byte[16];
        bytes.CopyTo(bits, 16 - bytes.Length);
        var length = network.PrefixLength + ((16 - bytes.Length) * 8);
        var node = 0;
        for (var depth = 0; depth < length; depth++)
        {
            var bit = (bits[depth / 8] >> (7 - (depth % 8))) & 1;
            if (depth == length - 1)
            {
                nodes[node][bit] = leaf;
                return;
            }

            if (nodes[node][bit] < 0)
            {
                nodes[node][bit] = nodes.Count;
                nodes.Add([NoEntry, NoEntry]);
            }

            node = nodes[node][bit];
        }
    }

    private static byte[] Map(int pairs) => [(byte)(0xE0 | pairs)];

    private static byte[] Text(string text) => [(byte)(0x40 | Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Number(int type, uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        var digits = bytes.SkipWhile(b => b == 0).ToArray();
        return [(byte)((type << 5) | digits.Length), .. digits];
    }
}
