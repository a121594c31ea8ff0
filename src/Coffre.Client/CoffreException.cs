using System.Net;

namespace Coffre.Client;

/// <summary>The one exception that <see cref="CoffreClient"/> throws for what the service, the network or a file refuses.</summary>
/// <remarks>Cancellation stays an <see cref="OperationCanceledException"/>; wrong arguments stay <see cref="ArgumentException"/>s.</remarks>
public sealed class CoffreException : Exception
{
    /// <summary>Makes one; the service's own words, if any, belong into <paramref name="message"/>.</summary>
    /// <param name="error">The kind.</param>
    /// <param name="message">One sentence for people. Never holds a secret.</param>
    /// <param name="inner">What caused it.</param>
    public CoffreException(CoffreError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>The kind.</summary>
    public CoffreError Error { get; }

    /// <summary>The kind as a stable name in snake case, such as <c>not_found</c>.</summary>
    public string Code => ErrorBook.NameOf(Error);

    /// <summary>HTTP status of the answer; null if there was none.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>The number behind <c>#</c> in the service's message; null if it had none.</summary>
    public int? Ko { get; init; }

    /// <summary>What the service calls this request in its log; null if it did not say.</summary>
    public string? RequestId { get; init; }

    /// <summary>How long the service asked to wait; null if it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the same call may well succeed later without any change.</summary>
    public bool IsTransient => ErrorBook.IsTransient(Error);

    /// <summary>What to do about it, one sentence; null if nothing sensible can be said.</summary>
    public string? Advice { get => field ?? ErrorBook.AdviceFor(Error); init; }
}
