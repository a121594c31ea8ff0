using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Coffre.Server.Audit;

/// <summary>One line of the audit log as it is kept and exported: its text, and what chains it to the one before.</summary>
/// <param name="No">1, 2, 3, …</param>
/// <param name="AccountId">Whose account it concerns.</param>
/// <param name="Body">A JSON object on one line; what the chain covers.</param>
/// <param name="Mac">HMAC-SHA256 over the MAC of the entry before (32 zero bytes for the first) and this body.</param>
internal sealed record AuditEntry(long No, long? AccountId, string Body, byte[] Mac)
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What the first entry is chained to.</summary>
    public static byte[] NoMac { get; } = new byte[HMACSHA256.HashSizeInBytes];

    /// <summary>Number and MAC: whoever noted it can tell later whether the log before it was cut or rewritten.</summary>
    public string Head => HeadOf(No, Mac);

    public static string HeadOf(long no, byte[] mac) => string.Create(CultureInfo.InvariantCulture, $"{no}:{Convert.ToHexStringLower(mac)}");

    /// <summary>Makes the entry that follows another.</summary>
    public static AuditEntry Make(AuditEvent happened, DateTimeOffset at, long no, byte[] before, byte[] secret)
    {
        var body = Write(happened, at, no);
        return new AuditEntry(no, happened.AccountId, body, MacOf(before, body, secret));
    }

    /// <summary>The entry as an export has it: <c>{"mac":"…","entry":{…}}</c>, the body as it is.</summary>
    public string ToLine() => $$"""{"mac":"{{Convert.ToHexStringLower(Mac)}}","entry":{{Body}}}""";

    /// <summary>Reads what <see cref="ToLine"/> wrote; null if it is something else.</summary>
    public static AuditEntry? FromLine(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var entry = json.RootElement.GetProperty("entry");
            return new AuditEntry(
                entry.GetProperty("no").GetInt64(), entry.TryGetProperty("account_id", out var account) ? account.GetInt64() : null,
                entry.GetRawText(), Convert.FromHexString(json.RootElement.GetProperty("mac").GetString() ?? ""));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    public static byte[] MacOf(byte[] before, string body, byte[] secret)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        mac.AppendData(before);
        mac.AppendData(Encoding.UTF8.GetBytes(body));
        return mac.GetHashAndReset();
    }

    private static string Write(AuditEvent happened, DateTimeOffset at, long no)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            json.WriteNumber("no", no);
            json.WriteString("at", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("event", happened.Name);
            WriteNumber(json, "account_id", happened.AccountId);
            json.WriteString("actor", happened.By.Kind.ToString().ToLowerInvariant());
            WriteNumber(json, "actor_account_id", happened.By.AccountId);
            WriteNumber(json, "actor_id", happened.By.Id);
            if (happened.By.Address is { } address)
            {
                json.WriteString("address", address.ToString());
            }

            if (happened.Detail is { } detail)
            {
                json.WritePropertyName("detail");
                detail.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
