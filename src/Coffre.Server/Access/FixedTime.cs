using System.Security.Cryptography;
using System.Text;

namespace Coffre.Server.Access;

/// <summary>Compares secrets without telling by the time where they differ.</summary>
internal static class FixedTime
{
    public static bool AreEqual(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));
}
