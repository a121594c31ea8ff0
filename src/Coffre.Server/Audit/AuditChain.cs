using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Coffre.Server.Audit;

/// <summary>Checks that a log is the one that was written: every entry there, in its place, unchanged.</summary>
/// <remarks>
/// Entries that were cut off at the end cannot be seen from what is left: for that, note the head now and then, and give it here later.
/// </remarks>
/// <param name="secret">Of the chain.</param>
internal sealed class AuditChain(AuditSecret secret)
{
    private long _last;
    private byte[] _mac = AuditEntry.NoMac;

    /// <summary>How many entries were good so far.</summary>
    public long Count => _last;

    /// <summary>Number and MAC of the last good one.</summary>
    public string Head => AuditEntry.HeadOf(_last, _mac);

    /// <summary>Takes the next entry; null if it fits, otherwise what is wrong with it.</summary>
    public string? Follow(AuditEntry entry)
    {
        if (entry.No != _last + 1)
        {
            return string.Create(CultureInfo.InvariantCulture, $"entry {_last + 1} is missing: number {entry.No} follows {_last}");
        }

        if (!CryptographicOperations.FixedTimeEquals(AuditEntry.MacOf(_mac, entry.Body, secret.Bytes), entry.Mac))
        {
            return string.Create(CultureInfo.InvariantCulture, $"entry {entry.No} was changed, or one before it was exchanged");
        }

        if (!SaysTheSame(entry))
        {
            return string.Create(CultureInfo.InvariantCulture, $"entry {entry.No} stands in another place than it says");
        }

        (_last, _mac) = (entry.No, entry.Mac);
        return null;
    }

    /// <summary>Number and account stand beside the text too, for look-ups; they must not say something else.</summary>
    private static bool SaysTheSame(AuditEntry entry)
    {
        using var body = JsonDocument.Parse(entry.Body);
        return body.RootElement.GetProperty("no").GetInt64() == entry.No
            && (body.RootElement.TryGetProperty("account_id", out var account) ? account.GetInt64() : (long?)null) == entry.AccountId;
    }
}
