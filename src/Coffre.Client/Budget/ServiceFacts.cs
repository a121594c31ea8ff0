using System.Text.Json;
using System.Text.Json.Serialization;

namespace Coffre.Client.Budget;

/// <summary>What is known of 1fichier.com from outside: its published limits, and what its refusals mean. Data, in <c>service.json</c>.</summary>
internal sealed record ServiceFacts
{
    private const string Resource = "Coffre.Client.Budget.service.json";

    public static ServiceFacts Known { get; } = Read();

    public required PublishedLimits Published { get; init; }

    /// <summary>Texts of refusals; the first that a message holds decides. Numbers move with the service's releases, texts hardly.</summary>
    public required IReadOnlyList<RefusalFact> Refusals { get; init; }

    /// <summary>Numbers of refusals whose text nobody wrote down.</summary>
    public required IReadOnlyList<RefusalFact> Numbers { get; init; }

    /// <summary>What is known of a refusal; null if nothing is.</summary>
    public RefusalFact? Find(string message, int? number)
    {
        foreach (var fact in Refusals)
        {
            if (message.Contains(fact.Text!, StringComparison.OrdinalIgnoreCase))
            {
                return fact;
            }
        }

        return number is null ? null : Numbers.FirstOrDefault(fact => fact.Number == number);
    }

    private static ServiceFacts Read()
    {
        using var stream = typeof(ServiceFacts).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not in the assembly.");
        return JsonSerializer.Deserialize(stream, ServiceFactsJson.Default.ServiceFacts)
            ?? throw new InvalidOperationException($"{Resource} is empty.");
    }
}

/// <summary>How often 1fichier.com may be asked what.</summary>
internal sealed record PublishedLimits
{
    /// <summary>Three calls a second are allowed; a little more than a third of a second keeps clear of the edge.</summary>
    public required int MillisecondsBetweenCalls { get; init; }

    public required int FolderSeconds { get; init; }

    public required int AccountListingSeconds { get; init; }

    public required int InfoAddressSeconds { get; init; }

    public required int InfoAccountSeconds { get; init; }

    /// <summary>Downloads at once, over all files and programs.</summary>
    public required int DownloadConnections { get; init; }

    /// <summary>Refusals (401, 403, 404, 410) within <see cref="StrikeSeconds"/> after which we stop by ourselves: more lead to a ban.</summary>
    public required int Strikes { get; init; }

    public required int StrikeSeconds { get; init; }
}

/// <summary>One kind of refusal.</summary>
internal sealed record RefusalFact
{
    /// <summary>What its message holds; null where only the number is known.</summary>
    public string? Text { get; init; }

    public int? Number { get; init; }

    public required CoffreError Error { get; init; }

    /// <summary>How long nothing may be asked, where the service does not say it; null: the refusal is of the one call.</summary>
    public int? PauseSeconds { get; init; }

    /// <summary><c>address</c>: all who ask from here have to pause; <c>account</c>: those with this key.</summary>
    public string? Whose { get; init; }

    /// <summary>Whether only a service with the published limits says so.</summary>
    public bool Published { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ServiceFacts))]
internal sealed partial class ServiceFactsJson : JsonSerializerContext;
