using System.Globalization;

namespace Coffre.Server.Remote;

/// <summary>A source could not be fetched; the message is for the user, and says nothing of what lies behind the server.</summary>
internal sealed class SourceException(string message, bool isFinal, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether another try would end the same way.</summary>
    public bool IsFinal { get; } = isFinal;

    /// <summary>No connection. A forbidden address, a closed port, a name that does not exist and silence are told alike, and tried as often.</summary>
    public static SourceException Unreachable(Exception? inner = null) => new("The source could not be reached", isFinal: false, inner);

    public static SourceException Broken(Exception? inner = null) => new("The connection to the source broke", isFinal: false, inner);

    public static SourceException Slow() => new("The source was too slow", isFinal: false);

    public static SourceException Final(string message) => new(message, isFinal: true);

    public static SourceException OfStatus(int status) => new(
        string.Create(CultureInfo.InvariantCulture, $"The source answered HTTP {status}"), isFinal: status is < 500 and not (408 or 425 or 429));
}
