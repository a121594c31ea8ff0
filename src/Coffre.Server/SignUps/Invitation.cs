namespace Coffre.Server.SignUps;

/// <summary>The right to make one account.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Email">Whom it is for; null: whoever has it.</param>
/// <param name="MadeAt">UTC.</param>
/// <param name="EndsAt">From when it is worth nothing.</param>
/// <param name="RevokedAt">When somebody took it back.</param>
/// <param name="UsedAt">When it was used.</param>
/// <param name="UsedBy">The account that was made with it.</param>
internal sealed record Invitation(
    long Id, string? Email, DateTimeOffset MadeAt, DateTimeOffset EndsAt, DateTimeOffset? RevokedAt, DateTimeOffset? UsedAt, long? UsedBy)
{
    public InvitationState StateAt(DateTimeOffset now) => this switch
    {
        { UsedAt: not null } => InvitationState.Used,
        { RevokedAt: not null } => InvitationState.Revoked,
        _ when EndsAt <= now => InvitationState.Expired,
        _ => InvitationState.Open,
    };

    /// <summary>Whether somebody may sign up with it under this address.</summary>
    public bool IsFor(string email, DateTimeOffset now) =>
        StateAt(now) == InvitationState.Open && (Email is null || string.Equals(Email, email, StringComparison.OrdinalIgnoreCase));
}

internal enum InvitationState
{
    Open,
    Used,
    Expired,
    Revoked,
}

/// <summary>An invitation that was made, and its text, which is seen this once.</summary>
internal sealed record IssuedInvitation(Invitation Invitation, string Secret);
