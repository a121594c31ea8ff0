using System.Diagnostics.CodeAnalysis;
using Coffre.Protocol;
using Coffre.Server.Door;
using MimeKit;

namespace Coffre.Server.Accounts;

/// <summary>What an account's e-mail address may look like.</summary>
internal static class EmailAddress
{
    private const int MaxLength = 254;

    /// <summary>The address as it is kept; a fault if it is none.</summary>
    public static Outcome<string> Read(string? text)
    {
        var address = text?.Trim();
        return IsOne(address) ? address : new Fault(KoCode.BadParameter, "email is an address such as ann@example.org");
    }

    private static bool IsOne([NotNullWhen(true)] string? address) =>
        address is { Length: > 2 and <= MaxLength }
        && address.All(c => c is > ' ' and not '\u007f' && !char.IsWhiteSpace(c) && !char.IsControl(c))
        && address.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < address.Length - 1
        && MailboxAddress.TryParse(address, out var parsed) && string.Equals(parsed.Address, address, StringComparison.Ordinal);
}
