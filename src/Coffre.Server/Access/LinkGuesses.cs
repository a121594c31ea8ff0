using System.Net;
using Coffre.Protocol;
using Coffre.Server.Door;
using Coffre.Server.Limits;
using Coffre.Server.Settings;

namespace Coffre.Server.Access;

/// <summary>Judges passwords of links and pages: whoever guesses at one waits longer each time, so that neither the password nor the processor gives way.</summary>
internal sealed class LinkGuesses(ServerSettings settings, TimeProvider clock)
{
    private const int Free = 10;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    private readonly GrowingWait<(Subject Address, Subject Link)> _guesses = new(Free, First, Longest, settings.Int(LimitSettings.Tracked), clock);

    /// <summary>Null if it is the password.</summary>
    /// <param name="address">Who tries.</param>
    /// <param name="link">What it opens.</param>
    /// <param name="password">As it was typed.</param>
    /// <param name="digest">What is kept of the right one.</param>
    public Fault? Judge(IPAddress? address, string link, string? password, string digest)
    {
        if (string.IsNullOrEmpty(password))
        {
            return new Fault(KoCode.PasswordMissing);
        }

        var guess = (Subject.Of(address), Subject.Named(link));
        if (_guesses.Wait(guess) is { } wait)
        {
            return new Fault(KoCode.TooManySignIns) { RetryAfter = wait };
        }

        // Counted before it is known: of many at once only so many are computed.
        _guesses.Count(guess);
        if (!LinkPassword.Fits(password, digest))
        {
            return new Fault(KoCode.PasswordWrong);
        }

        _guesses.Forgive(guess);
        return null;
    }
}
