using System.Text.Json.Serialization;

namespace Coffre.Protocol.Api;

/// <summary>An account as owners and admins see it: never its files.</summary>
public sealed record AccountView
{
    public long Id { get; init; }

    public string Email { get; init; } = "";

    /// <summary><c>member</c>, <c>admin</c> or <c>owner</c>.</summary>
    public string Role { get; init; } = "";

    /// <summary><c>free</c>, <c>premium</c>, <c>access</c> or <c>gold</c>, as it was given.</summary>
    public string Tier { get; init; } = "";

    /// <summary>When the tier ends and is the free one; null: never.</summary>
    public DateTimeOffset? TierUntil { get; init; }

    public long QuotaBytes { get; init; }

    public long UsedBytes { get; init; }

    public bool Suspended { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public bool HasPassword { get; init; }

    public bool HasTwoStep { get; init; }
}

/// <summary><c>POST /api/accounts</c>. What is left out is as the server's settings have it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewAccountRequest
{
    public string? Email { get; init; }

    /// <summary>8 to 1,024 characters; none: the account has keys only.</summary>
    public string? Password { get; init; }

    public string? Role { get; init; }

    public string? Tier { get; init; }

    public DateTimeOffset? TierUntil { get; init; }

    public long? QuotaBytes { get; init; }
}

/// <summary><c>PATCH /api/accounts/{id}</c>. What is left out stays.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AccountChange
{
    public string? Role { get; init; }

    public string? Tier { get; init; }

    /// <summary>Counts where a tier is given; left out there: the tier never ends.</summary>
    public DateTimeOffset? TierUntil { get; init; }

    public long? QuotaBytes { get; init; }

    public bool? Suspended { get; init; }
}

/// <summary>What goes with an account if it is deleted.</summary>
public sealed record DeletionView
{
    public long Files { get; init; }

    public long Bytes { get; init; }

    public long Folders { get; init; }

    /// <summary>Public pages of folders.</summary>
    public long Pages { get; init; }

    /// <summary>Folders that the account shares with others, and that others share with it.</summary>
    public long Shares { get; init; }

    public long Keys { get; init; }

    public long Sessions { get; init; }

    public long FtpUsers { get; init; }

    /// <summary>Remote uploads that have not ended.</summary>
    public long RemoteUploads { get; init; }

    /// <summary>The same in words.</summary>
    public string Text { get; init; } = "";
}

/// <summary><c>DELETE /api/account</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DeleteAccountRequest
{
    public string? Password { get; init; }
}

/// <summary><c>POST /api/account/password</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PasswordChangeRequest
{
    public string? OldPassword { get; init; }

    /// <summary>8 to 1,024 characters.</summary>
    public string? NewPassword { get; init; }
}

/// <summary><c>POST /api/password/reset</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record PasswordResetRequest
{
    public string? Email { get; init; }
}

/// <summary><c>POST /api/password</c>, <c>POST /api/sign-up/confirm</c>: what a mail carried, and a password.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record LetterPasswordRequest
{
    public string? Token { get; init; }

    /// <summary>8 to 1,024 characters.</summary>
    public string? Password { get; init; }
}

/// <summary><c>POST /api/account/email</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EmailChangeRequest
{
    public string? Email { get; init; }

    public string? Password { get; init; }
}

/// <summary><c>POST /api/account/email/confirm</c>: what the mail to the new address carried.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record LetterRequest
{
    public string? Token { get; init; }
}

/// <summary>What comes next.</summary>
public sealed record NextAnswer
{
    /// <summary>A mail is on its way, if the address is one for it.</summary>
    public const string Mail = "mail";

    /// <summary>Sign in.</summary>
    public const string SignIn = "sign_in";

    public const string Done = "done";

    /// <summary><c>mail</c>, <c>sign_in</c> or <c>done</c>.</summary>
    public string Next { get; init; } = Done;
}

/// <summary><c>GET /api/sign-up</c>: whether and how strangers get an account.</summary>
public sealed record SignUpView
{
    /// <summary><c>off</c>, <c>invitation</c> or <c>open</c>.</summary>
    public string Mode { get; init; } = "";

    /// <summary>Whether a mail proves the address first; then the password comes with what the mail carries.</summary>
    public bool ConfirmsByMail { get; init; }
}

/// <summary><c>POST /api/sign-up</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SignUpRequest
{
    public string? Email { get; init; }

    /// <summary>Only where no mail proves the address.</summary>
    public string? Password { get; init; }

    public string? Invitation { get; init; }
}

/// <summary><c>POST /api/invitations</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record InvitationRequest
{
    /// <summary>Whom it is for; none: whoever has it.</summary>
    public string? Email { get; init; }

    /// <summary>1 to 90; 7 if absent.</summary>
    public int? Days { get; init; }
}

public sealed record InvitationView
{
    public long Id { get; init; }

    public string? Email { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary><c>open</c>, <c>used</c>, <c>expired</c> or <c>revoked</c>.</summary>
    public string State { get; init; } = "";

    /// <summary>The account that was made with it.</summary>
    public long? UsedBy { get; init; }
}

public sealed record NewInvitationAnswer
{
    public InvitationView Invitation { get; init; } = new();

    /// <summary>For <c>POST /api/sign-up</c>. It is shown this once.</summary>
    public string Secret { get; init; } = "";
}
