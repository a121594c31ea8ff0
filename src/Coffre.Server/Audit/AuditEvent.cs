using System.Text.Json.Nodes;

namespace Coffre.Server.Audit;

/// <summary>Something that the audit log keeps.</summary>
/// <param name="Name">What happened; one of <see cref="AuditEvents"/>.</param>
/// <param name="By">Who did it.</param>
/// <param name="AccountId">Whose account it concerns; null: none, or it is not known.</param>
internal sealed record AuditEvent(string Name, Actor By, long? AccountId)
{
    /// <summary>What is particular to it; never a secret.</summary>
    public JsonObject? Detail { get; init; }
}

/// <summary>The words for what the audit log keeps.</summary>
internal static class AuditEvents
{
    public const string KeyMade = "key.made";
    public const string KeyRenamed = "key.renamed";
    public const string KeyRevoked = "key.revoked";
    public const string KeyRegenerated = "key.regenerated";
    public const string KeyRotated = "key.rotated";
    public const string KeyViewed = "key.viewed";
    public const string KeyFirstUsed = "key.first_used";
    public const string KeyUsedFromNewNetwork = "key.used_from_new_network";
    public const string KeyGivenUp = "key.revoked_by_holder";

    /// <summary>A class of refused attempts, with how many there were.</summary>
    public const string Refused = "refused";
}
