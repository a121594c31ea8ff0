using System.Buffers;
using System.Text.Json;
using Coffre.Protocol.V1;

namespace Coffre.Client;

/// <summary>What shall be different about files and their links; what is null stays as it is.</summary>
public sealed record FileChange
{
    /// <summary>Fewest characters of a password.</summary>
    public const int ShortestPassword = 6;

    /// <summary>What is said about the file; empty removes it. At most 2,000 characters on a coffre-server.</summary>
    public string? Description { get; init; }

    /// <summary>Wanted from everybody but the owner; empty removes it. At least <see cref="ShortestPassword"/> characters.</summary>
    public string? Password { get; init; }

    /// <summary>Whether browsers show the file instead of saving it.</summary>
    public bool? IsInline { get; init; }

    /// <summary>Whether its link is one without TLS, where the service has such.</summary>
    public bool? IsWithoutTls { get; init; }

    /// <summary>Who may open the link; <see cref="LinkRules.None"/> removes all rules.</summary>
    public LinkRules? Rules { get; init; }

    internal FileChattrRequest ToRequest(IReadOnlyCollection<string> links) => new()
    {
        Urls = [.. links],
        Description = Description,
        Pass = Password,
        Inline = Flag(IsInline),
        NoSsl = Flag(IsWithoutTls),
        Acl = Rules?.ToElement(),
    };

    private static int? Flag(bool? value) => value is { } set ? set ? 1 : 0 : null;
}

/// <summary>Who may open a link beside the owner. Every rule that is there has to be met.</summary>
public sealed record LinkRules
{
    /// <summary>No rule at all.</summary>
    public static LinkRules None { get; } = new();

    /// <summary>Networks in CIDR form; empty: any.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>Countries as codes of two letters; empty: any.</summary>
    public IReadOnlyList<string> Countries { get; init; } = [];

    /// <summary>Addresses of accounts of the service; empty: anybody.</summary>
    public IReadOnlyList<string> Emails { get; init; } = [];

    /// <summary>Whether only paying accounts may.</summary>
    public bool IsForCustomers { get; init; }

    internal JsonElement ToElement()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            Write(writer, "ip", Networks);
            Write(writer, "country", Countries);
            Write(writer, "email", Emails);
            if (IsForCustomers)
            {
                writer.WriteNumber("premium", 1);
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(bytes.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            writer.WriteStartArray(name);
            foreach (var value in values)
            {
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }
    }
}
