using System.Text.Json.Serialization;

namespace Coffre.Client.Budget;

/// <summary>What was asked of one service from this machine lately, and what it said to that. Shared by all processes through a file.</summary>
internal sealed class BudgetState
{
    // Times further ahead than any rule reaches come from a clock that was wrong.
    private static readonly TimeSpan Furthest = TimeSpan.FromHours(25);
    private static readonly TimeSpan FurthestCall = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan FloodMemory = TimeSpan.FromHours(1);
    private const int MostDoublings = 3;

    /// <summary>What the service said last of its own rate; null: nothing yet.</summary>
    public RatePolicy? Policy { get; set; }

    /// <summary>Whether it answered without a word on its rate.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Whether it refused as only a service with the published limits does.</summary>
    public bool IsPublished { get; set; }

    /// <summary>When the next call may start.</summary>
    public DateTimeOffset NextCall { get; set; }

    public List<BudgetLock> Locks { get; set; } = [];

    /// <summary>Until when what must not be asked again.</summary>
    public Dictionary<string, DateTimeOffset> Marks { get; set; } = new(StringComparer.Ordinal);

    /// <summary>When refusals came that count towards a ban.</summary>
    public List<DateTimeOffset> Strikes { get; set; } = [];

    /// <summary>When floods were detected in the last hour: each one halves the rate.</summary>
    public List<DateTimeOffset> Floods { get; set; } = [];

    /// <summary>What keeps the call from going out for longer than its turn takes; null if nothing does.</summary>
    public BudgetLock? FindHindrance(BudgetAsk ask, string account, DateTimeOffset now, PublishedLimits? limits)
    {
        Forget(now, limits);
        var found = Locks.Where(held => held.Holds(ask, account)).MaxBy(held => held.Until);
        if (limits is null)
        {
            return found;
        }

        foreach (var (mark, interval) in ask.Marks(account, limits))
        {
            if (Marks.TryGetValue(mark, out var until) && until > (found?.Until ?? now))
            {
                var text = $"The service allows this call once in {interval.TotalSeconds:0} s.";
                found = new BudgetLock(until, text, CoffreError.Flooded) { Path = ask.Path, IsOwnRule = true };
            }
        }

        if (Strikes.Count >= limits.Strikes)
        {
            var until = Strikes[^limits.Strikes] + TimeSpan.FromSeconds(limits.StrikeSeconds);
            var text = $"The service refused {Strikes.Count} requests within {limits.StrikeSeconds / 60} minutes; more would lead to a ban.";
            found = until > (found?.Until ?? now) ? new BudgetLock(until, text, CoffreError.Flooded) : found;
        }

        return found;
    }

    /// <summary>Takes the next turn.</summary>
    /// <returns>When it comes.</returns>
    public DateTimeOffset Take(BudgetAsk ask, string account, DateTimeOffset now, TimeSpan interval, PublishedLimits? limits)
    {
        var turn = NextCall > now ? NextCall : now;
        NextCall = turn + (interval * (1 << Math.Min(Floods.Count, MostDoublings)));
        if (limits is not null)
        {
            Mark(ask, account, turn, limits);
        }

        return turn;
    }

    /// <summary>Counts the call from that moment on.</summary>
    public void Mark(BudgetAsk ask, string account, DateTimeOffset moment, PublishedLimits limits)
    {
        foreach (var (mark, interval) in ask.Marks(account, limits))
        {
            Marks[mark] = moment + interval;
        }
    }

    /// <summary>The call got no answer, so that nobody counted it.</summary>
    public void Unmark(BudgetAsk ask, string account, PublishedLimits limits)
    {
        foreach (var (mark, _) in ask.Marks(account, limits))
        {
            Marks.Remove(mark);
        }
    }

    private void Forget(DateTimeOffset now, PublishedLimits? limits)
    {
        NextCall = NextCall > now + FurthestCall ? now : NextCall;
        Locks.RemoveAll(held => held.Until <= now || held.Until > now + Furthest);
        Floods.RemoveAll(flood => flood <= now - FloodMemory || flood > now);
        Strikes.RemoveAll(strike => strike <= now - TimeSpan.FromSeconds(limits?.StrikeSeconds ?? 0) || strike > now);
        foreach (var (mark, until) in Marks)
        {
            if (until <= now || until > now + Furthest)
            {
                Marks.Remove(mark);
            }
        }
    }
}

/// <summary>Nothing may be asked for a while.</summary>
/// <param name="Until">The end.</param>
/// <param name="Message">The service's words, or ours for a rule of its.</param>
/// <param name="Error">The kind.</param>
internal sealed record BudgetLock(DateTimeOffset Until, string Message, CoffreError Error)
{
    /// <summary>The number in the service's words.</summary>
    public int? Ko { get; init; }

    /// <summary>Whom it concerns; null: all who ask from this machine.</summary>
    public string? Account { get; init; }

    /// <summary>The call that it concerns; null: all.</summary>
    public string? Path { get; init; }

    /// <summary>Not a lock at all: we keep a rule before it is broken.</summary>
    [JsonIgnore]
    public bool IsOwnRule { get; init; }

    /// <summary>What a refusal by a lock means for others.</summary>
    public static BudgetLock Of(CoffreException trouble, RefusalFact? fact, BudgetAsk ask, string account, DateTimeOffset until) => new(until, trouble.Message, trouble.Error)
    {
        Ko = trouble.Ko,
        Account = fact?.Whose is "account" ? account : null,

        // The facts of the account and its tokens have locks of their own, which leave other calls alone.
        Path = ask.Path is Protocol.V1.V1Paths.UserInfo or Protocol.V1.V1Paths.DownloadToken ? ask.Path : null,
    };

    public bool Holds(BudgetAsk ask, string account) =>
        (Account is null || string.Equals(Account, account, StringComparison.Ordinal))
        && (Path is null || string.Equals(Path, ask.Path, StringComparison.Ordinal));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BudgetState))]
internal sealed partial class BudgetJson : JsonSerializerContext;
