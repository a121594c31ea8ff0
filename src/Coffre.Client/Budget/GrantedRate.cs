namespace Coffre.Client.Budget;

/// <summary>What is known of the rate that one service grants: by rule, by its answers, or from an earlier run.</summary>
internal sealed class GrantedRate
{
    private readonly CoffreClientOptions _options;
    private readonly bool _isOneFichier;
    private readonly PublishedLimits _published = ServiceFacts.Known.Published;

    // Null until an answer, or an earlier run, told.
    private volatile RatePolicy? _policy;
    private volatile bool _isPublished;
    private volatile bool _isKnown;

    public GrantedRate(CoffreClientOptions options, bool isOneFichier)
    {
        _options = options;
        _isOneFichier = isOneFichier;
        _isPublished = isOneFichier;
        _isKnown = isOneFichier;
    }

    /// <summary>Whether anything is known.</summary>
    public bool IsKnown => _isKnown;

    /// <summary>Whether calls are dear: the published limits hold.</summary>
    public bool IsTight => _isPublished || _policy is { IsGenerous: false };

    /// <summary>The limits to keep; null if none beside the rate. Who is not known yet is asked as if it granted little.</summary>
    public PublishedLimits? Limits => IsTight || !_isKnown ? _published : null;

    /// <summary>Time between two calls.</summary>
    public TimeSpan Interval => _options.MinInterval
        ?? (Limits is null ? TimeSpan.Zero : Longer(TimeSpan.FromMilliseconds(_published.MillisecondsBetweenCalls), _isOneFichier ? null : _policy?.Interval));

    /// <summary>How long to wait before each call, as little is left of what was granted; zero where plenty is.</summary>
    public TimeSpan Restraint => _policy is { IsShort: true } policy ? policy.Interval : TimeSpan.Zero;

    /// <summary>How long a folder has to rest between two listings; zero where it need not.</summary>
    public TimeSpan RestOfFolders => TimeSpan.FromSeconds(IsTight ? _published.FolderSeconds : 0);

    /// <summary>Takes what an answer said of the rate; null: nothing.</summary>
    /// <returns>Whether it is news, which others should know too (<see cref="Tell"/>).</returns>
    public bool Hear(RatePolicy? told)
    {
        var isNews = !_isKnown || (told is not null && (told.Calls != _policy?.Calls || told.Seconds != _policy.Seconds));
        _policy = told ?? _policy;
        _isPublished &= told is not { IsGenerous: true };
        _isKnown = true;
        return isNews;
    }

    /// <summary>Tells all processes what an answer said.</summary>
    public static bool Tell(BudgetState state, RatePolicy? told)
    {
        state.Policy = told is null ? null : told with { Left = null };
        state.IsSilent = told is null;
        return state.IsPublished &= told is not { IsGenerous: true };
    }

    /// <summary>It refused as only a service with the published limits does.</summary>
    public void RefusedAsPublished() => _isPublished = true;

    /// <summary>Takes what an earlier run, or another process, has learned, if nothing is known here.</summary>
    /// <returns>Whether anything is known now.</returns>
    public bool Recall(BudgetState state)
    {
        if (!_isKnown && (state.Policy is not null || state.IsPublished || state.IsSilent))
        {
            _policy = state.Policy;
            _isPublished = state.IsPublished;
            _isKnown = true;
        }

        return _isKnown;
    }

    /// <summary>Keeps for all processes that the published limits hold, if they do.</summary>
    public void TellPublished(BudgetState state) => state.IsPublished |= _isPublished;

    private static TimeSpan Longer(TimeSpan one, TimeSpan? other) => other > one ? other.Value : one;
}
