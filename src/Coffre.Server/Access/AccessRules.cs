using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Door;

namespace Coffre.Server.Access;

/// <summary>Who may read a file beside its owner. Every rule that is set must be met.</summary>
internal sealed record AccessRules
{
    private const int MaxEntries = 200;

    /// <summary>Networks in CIDR form.</summary>
    [JsonPropertyName("ip")]
    public IReadOnlyList<string>? Networks { get; init; }

    /// <summary>ISO 3166 codes of two letters.</summary>
    [JsonPropertyName("country")]
    public IReadOnlyList<string>? CountryCodes { get; init; }

    /// <summary>Addresses of accounts here.</summary>
    [JsonPropertyName("email")]
    public IReadOnlyList<string>? Emails { get; init; }

    /// <summary>1: paying accounts only.</summary>
    [JsonPropertyName("premium")]
    public int? Premium { get; init; }

    [JsonIgnore]
    public bool IsEmpty => Networks is not { Count: > 0 } && CountryCodes is not { Count: > 0 } && Emails is not { Count: > 0 } && Premium is not 1;

    /// <summary>Reads what a client sends; null if it is empty, which removes the rules.</summary>
    public static Outcome<AccessRules?> Read(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Null || (element.ValueKind == JsonValueKind.Array && element.GetArrayLength() == 0))
        {
            return (AccessRules?)null;
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            return new Fault(KoCode.BadParameter, "acl is an object");
        }

        AccessRules rules;
        try
        {
            rules = element.Deserialize(AccessJson.Default.AccessRules)!;
        }
        catch (JsonException)
        {
            return new Fault(KoCode.BadParameter, "acl has ip, country and email as lists of text, premium as 0 or 1");
        }

        if (rules.Trouble() is { } trouble)
        {
            return new Fault(KoCode.BadParameter, trouble);
        }

        return rules.IsEmpty ? (AccessRules?)null : rules;
    }

    public string ToText() => JsonSerializer.Serialize(this, AccessJson.Default.AccessRules);

    /// <summary>As the owner sees them.</summary>
    public JsonElement ToElement() => JsonSerializer.SerializeToElement(this, AccessJson.Default.AccessRules);

    public static AccessRules? FromText(string? text) => text is null ? null : JsonSerializer.Deserialize(text, AccessJson.Default.AccessRules);

    /// <summary>Why the asker may not read; null if it may.</summary>
    public Fault? Judge(Asker asker, Countries countries) => JudgePlace(asker.Address, countries) ?? JudgePerson(asker.Caller);

    /// <summary>The rules that ask where somebody is: they hold for every request, also with a token in hand.</summary>
    public Fault? JudgePlace(IPAddress? address, Countries countries)
    {
        if (Networks is { Count: > 0 } networks && !networks.Any(network => address is not null && Contains(network, address)))
        {
            return new Fault(KoCode.NotAllowed, "your network may not");
        }

        if (CountryCodes is not { Count: > 0 } codes)
        {
            return null;
        }

        if (!countries.IsKnown)
        {
            return new Fault(KoCode.NotAllowed, "restricted by country, and this server has no table of countries");
        }

        return countries.Of(address) is { } country && codes.Contains(country, StringComparer.OrdinalIgnoreCase)
            ? null
            : new Fault(KoCode.NotAllowed, "restricted by country");
    }

    private Fault? JudgePerson(Caller? caller)
    {
        if (Emails is { Count: > 0 } emails && (caller is null || !emails.Any(email => caller.Email.Equals(email?.Trim(), StringComparison.OrdinalIgnoreCase))))
        {
            return new Fault(KoCode.NotAllowed, "reserved to some accounts");
        }

        return Premium == 1 && caller is null or { Tier: Tier.Free } ? new Fault(KoCode.NotAllowed, "reserved to customers") : null;
    }

    private static bool Contains(string network, IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return TryNetwork(network, out var parsed) && parsed.Contains(plain);
    }

    private static bool TryNetwork(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network))
        {
            return true;
        }

        if (!IPAddress.TryParse(text, out var single))
        {
            return false;
        }

        network = new IPNetwork(single, single.GetAddressBytes().Length * 8);
        return true;
    }

    private string? Trouble()
    {
        if ((Networks?.Count ?? 0) + (CountryCodes?.Count ?? 0) + (Emails?.Count ?? 0) > MaxEntries)
        {
            return $"acl has at most {MaxEntries} entries";
        }

        if (Networks?.Any(string.IsNullOrWhiteSpace) == true || Emails?.Any(string.IsNullOrWhiteSpace) == true)
        {
            return "an entry of ip or email is empty";
        }

        if (Networks?.FirstOrDefault(network => !TryNetwork(network, out _)) is { } wrong)
        {
            return $"'{wrong}' is not an address or a network in CIDR form";
        }

        if (CountryCodes?.Any(country => country is not { Length: 2 } || !country.All(char.IsAsciiLetter)) == true)
        {
            return "a country has two letters";
        }

        return Premium is null or 0 or 1 ? null : "premium is 0 or 1";
    }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AccessRules))]
internal sealed partial class AccessJson : JsonSerializerContext;
