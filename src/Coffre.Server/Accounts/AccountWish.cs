namespace Coffre.Server.Accounts;

/// <summary>An account as somebody wants it; null: as the settings have it.</summary>
internal sealed record AccountWish(string? Email)
{
    public string? Password { get; init; }

    public Role Role { get; init; } = Role.Member;

    public Subscription? Subscription { get; init; }

    public long? QuotaBytes { get; init; }
}

/// <summary>What is to be changed about an account; null: nothing.</summary>
internal sealed record AccountUpdate
{
    public Role? Role { get; init; }

    public Subscription? Subscription { get; init; }

    public long? QuotaBytes { get; init; }

    public bool? Suspended { get; init; }

    public bool IsEmpty => this == new AccountUpdate();
}
