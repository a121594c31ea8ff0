using System.Globalization;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Catalogue;

/// <summary>Every error that the command can end with: those of the service and the network, and its own.</summary>
internal static class ErrorCatalogue
{
    /// <summary>Codes that come from the command itself. A test finds those that are missing.</summary>
    private static readonly ErrorFacts[] Own =
    [
        Of("usage", ExitCode.Usage, "The command line makes no sense.", "see coffre COMMAND --help"),
        Of("not_logged_in", ExitCode.NotLoggedIn, "There is no key for this profile.", "coffre auth login, or set COFFRE_API_KEY_FILE"),
        Of("bad_key", ExitCode.NotLoggedIn, "What was given as a key is none: its length, a character or its checksum is wrong.", "copy the key again, whole and without blanks"),
        Of("keyring", ExitCode.NotLoggedIn, "The keyring of the system cannot be used.", "unlock it, or set COFFRE_API_KEY_FILE"),
        Of("busy", ExitCode.Busy, "Another run of coffre is at the same job.", "wait for its end"),
        Of("partial", ExitCode.Partial, "Some items failed, others went well.", "run the same command again: what is done is skipped"),
        Of("unhealthy", ExitCode.Failure, "coffre doctor has found a problem; the exit code is that of the first one.", "do what it names as the cure"),
        Of("job_failed", ExitCode.Failure, "A scheduled job failed; the exit code is that of its command.", "coffre job history tells more"),
        Of("still_running", ExitCode.TryLater, "The time to wait is over, and the service still fetches some of the URLs.", "coffre remote wait goes on waiting"),
        Of("remote_failed", ExitCode.Partial, "The service could not fetch a URL.", "see the reason that it gives; what passes by itself is asked for again with --retries"),
        Of("not_replaced", ExitCode.Failure, "The service made no copy of the file, so its link could not be ended.", "run the same command again"),
        Of("guard", ExitCode.Guard, "More would be deleted than the limits allow; nothing was done.", "look at the plan (--dry-run), and raise the limit if it is meant so"),
        Of("declined", ExitCode.Failure, "The question was answered with no.", "add -y to answer it with yes"),
        Of("interrupted", ExitCode.Interrupted, "A signal stopped the run (130: Ctrl-C, 143: SIGTERM).", "run the same command again to go on"),
        Of("internal_error", ExitCode.Failure, "A fault of coffre itself.", "please report it with the command that you ran"),
    ];

    public static IReadOnlyList<ErrorFacts> All { get; } = [.. Enum.GetValues<CoffreError>().Select(Of), .. Own];

    /// <summary>What is known of a name, a number of the service (<c>374</c>, <c>#374</c>) or an exit code (<c>7</c>); nothing if nothing is.</summary>
    public static IEnumerable<ErrorFacts> Find(string text)
    {
        if (!int.TryParse(text.TrimStart('#'), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            var name = text.Replace('-', '_');
            return All.Where(facts => string.Equals(facts.Code, name, StringComparison.OrdinalIgnoreCase));
        }

        return text.StartsWith('#') ? OfNumber(number) : [.. OfExit(number), .. OfNumber(number)];
    }

    private static ErrorFacts Of(string code, ExitCode exitCode, string meaning, string advice) =>
        new() { Kind = "error", Code = code, ExitCode = (int)exitCode, Transient = false, Meaning = meaning, Advice = advice };

    private static ErrorFacts Of(CoffreError error) => new()
    {
        Kind = "error",
        Code = ErrorBook.NameOf(error),
        ExitCode = (int)ExitCodes.Of(error),
        Transient = ErrorBook.IsTransient(error),
        Meaning = ErrorBook.MeaningOf(error),
        Advice = ErrorBook.AdviceFor(error) ?? "",
        Numbers = [.. ErrorBook.Refusals.Where(refusal => refusal.Error == error).Select(refusal => refusal.Number).OfType<int>().Distinct().Order()],
        Texts = [.. ErrorBook.Refusals.Where(refusal => refusal.Error == error).Select(refusal => refusal.Text).OfType<string>().Distinct(StringComparer.Ordinal)],
    };

    private static IEnumerable<ErrorFacts> OfNumber(int number) => ErrorBook.Refusals
        .Where(refusal => refusal.Number == number)
        .DistinctBy(refusal => refusal.Text, StringComparer.Ordinal)
        .Select(refusal => Of(refusal.Error) with
        {
            Kind = "number",
            Numbers = [number],
            Texts = refusal.Text is { } text ? [text] : [],
            PauseSeconds = (long?)refusal.Pause?.TotalSeconds,
        });

    private static IEnumerable<ErrorFacts> OfExit(int number) => ExitBook.All.Where(pair => (int)pair.Key == number).Select(pair => new ErrorFacts
    {
        Kind = "exit_code",
        ExitCode = number,
        Meaning = pair.Value,
        Codes = [.. All.Where(facts => facts.ExitCode == number).Select(facts => facts.Code!)],
        Transient = pair.Key is ExitCode.TryLater or ExitCode.Network or ExitCode.Interrupted or ExitCode.Terminated,
        Advice = pair.Key is ExitCode.Success ? "nothing is to be done" : "the message on standard error, and error in --json, say more; coffre errors explain tells of each of the codes",
    });
}
