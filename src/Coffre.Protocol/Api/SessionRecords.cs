using System.Text.Json.Serialization;

namespace Coffre.Protocol.Api;

/// <summary><c>POST /api/sessions</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SignInRequest
{
    public string? Email { get; init; }

    /// <summary>At most 1,024 characters.</summary>
    public string? Password { get; init; }
}

/// <summary><c>POST /api/sessions/code</c>: the second step.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SignInCodeRequest
{
    /// <summary>What the first step gave.</summary>
    public string? Challenge { get; init; }

    /// <summary>Six digits of the app, or a recovery code.</summary>
    public string? Code { get; init; }
}

/// <summary>A session, or what leads to one: of an account with sign-in in two steps the password alone gives a challenge.</summary>
public sealed record SignInAnswer
{
    public SessionView? Session { get; init; }

    /// <summary>The session's token, for <c>Authorization: Bearer</c>. It is shown this once.</summary>
    public string? Token { get; init; }

    public ChallengeView? Challenge { get; init; }
}

/// <summary>A sign-in that wants its second step. It has no rights.</summary>
public sealed record ChallengeView
{
    /// <summary>For <c>POST /api/sessions/code</c>.</summary>
    public string Challenge { get; init; } = "";

    public DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Somebody who is signed in.</summary>
public sealed record SessionView
{
    public long Id { get; init; }

    /// <summary>Whether it is the one that asks.</summary>
    public bool IsCurrent { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ends if it is not used before, and at the latest.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Until when it counts as fresh: it may do what a password is asked for. Null: it is not.</summary>
    public DateTimeOffset? FreshUntil { get; init; }

    /// <summary>The last use, coarsely.</summary>
    public KeyUseView LastUsed { get; init; } = new();
}

/// <summary><c>POST /api/sessions/current/confirm</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ConfirmRequest
{
    public string? Password { get; init; }

    /// <summary>Six digits of the app, or a recovery code; of accounts with sign-in in two steps.</summary>
    public string? Code { get; init; }
}

public sealed record EndedSessionsAnswer
{
    /// <summary>How many sessions were ended.</summary>
    public int Ended { get; init; }
}

/// <summary><c>POST /api/account/two-step</c>: what an authenticator app needs.</summary>
public sealed record TwoStepSecretAnswer
{
    /// <summary>In base 32, for typing.</summary>
    public string Secret { get; init; } = "";

    /// <summary>The same as <c>otpauth://</c>, for a QR code.</summary>
    public string Uri { get; init; } = "";
}

/// <summary><c>POST /api/account/two-step/enable</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record TwoStepCodeRequest
{
    /// <summary>Six digits of the app.</summary>
    public string? Code { get; init; }
}

public sealed record RecoveryCodesAnswer
{
    /// <summary>Each is good for one sign-in without the app. They are shown this once.</summary>
    public IReadOnlyList<string> RecoveryCodes { get; init; } = [];
}

/// <summary>The account that asks.</summary>
public sealed record OwnAccountView
{
    public long Id { get; init; }

    public string Email { get; init; } = "";

    /// <summary><c>member</c>, <c>admin</c> or <c>owner</c>.</summary>
    public string Role { get; init; } = "";

    /// <summary><c>free</c>, <c>premium</c>, <c>access</c> or <c>gold</c>, as it is now.</summary>
    public string Tier { get; init; } = "";

    public DateTimeOffset? TierUntil { get; init; }

    public long QuotaBytes { get; init; }

    public long UsedBytes { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public bool HasPassword { get; init; }

    /// <summary>Whether signing in takes a code beside the password.</summary>
    public bool HasTwoStep { get; init; }

    /// <summary>How many recovery codes are left.</summary>
    public long RecoveryCodesLeft { get; init; }
}
