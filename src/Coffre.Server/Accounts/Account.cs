namespace Coffre.Server.Accounts;

/// <summary>Owner of folders and files.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Email">As it was given.</param>
/// <param name="Subscription">What it has subscribed to.</param>
/// <param name="QuotaBytes">Bytes that it may keep.</param>
/// <param name="UsedBytes">Bytes of its files.</param>
/// <param name="ReservedBytes">Bytes set aside for uploads on their way.</param>
/// <param name="Suspended">Whether its keys are refused.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="Preferences">What <c>user/info.cgi</c> shows and sets.</param>
/// <param name="Role">What it may do beyond its own files.</param>
internal sealed record Account(
    long Id, string Email, Subscription Subscription, long QuotaBytes, long UsedBytes, long ReservedBytes, bool Suspended, DateTimeOffset CreatedAt, Preferences Preferences,
    Role Role)
{
    /// <summary>Whether there is a password to sign in with.</summary>
    public bool HasPassword { get; init; }

    /// <summary>Whether signing in takes a code beside the password.</summary>
    public bool HasTwoStep { get; init; }

    /// <summary>Whether it was deleted: only its number is left.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>Whether it is the one of those who have none.</summary>
    public bool IsGuest => Email == GuestEmail;

    /// <summary>Owns what was uploaded without a key.</summary>
    public const string GuestEmail = "guest@localhost";

    /// <summary>Made at the first start.</summary>
    public const string OwnerEmail = "owner@localhost";
}
