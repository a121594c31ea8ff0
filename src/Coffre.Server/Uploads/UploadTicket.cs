using Coffre.Server.Door;

namespace Coffre.Server.Uploads;

/// <summary>The right to make one upload.</summary>
/// <param name="Id">10 characters of <c>[A-Za-z0-9]</c>.</param>
/// <param name="AccountId">Who asked for it; null if that was asked without a key.</param>
/// <param name="ExpiresAt">When the right, or later the report, ends.</param>
/// <param name="FinishedAt">When the upload ended well; null before.</param>
internal sealed record UploadTicket(string Id, long? AccountId, DateTimeOffset ExpiresAt, DateTimeOffset? FinishedAt)
{
    /// <summary>Of what ids are made; with them, nothing can be guessed.</summary>
    public const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public const int IdLength = 10;
}

/// <summary>What came of a finished upload.</summary>
/// <param name="Files">In the order of the form.</param>
/// <param name="IsLate">Not to be shown yet (<c>Limits:ReportDelaySeconds</c>).</param>
/// <param name="IsIncoming">The files are in a member's incoming folder: their links are that member's alone.</param>
internal sealed record FinishedUpload(IReadOnlyList<UploadedFile> Files, bool IsLate, bool IsIncoming);

/// <summary>One file of a finished upload.</summary>
internal sealed record UploadedFile(string Name, PublicLink PublicLink, long Length, byte[] Checksum, string? RemovalCode);
