namespace Coffre.Client.Filters;

/// <summary>The words of a filter; they mean what rclone's flags of the same names mean.</summary>
/// <remarks>
/// Rules count in this order: <see cref="Include"/>, <see cref="Exclude"/>, <see cref="Filter"/>; the first that matches decides. What none
/// matches is included, unless <see cref="Include"/> has a rule: then it is excluded.
/// </remarks>
public sealed record PathFilterOptions
{
    /// <summary>Patterns of what takes part. One at least, and the rest does not.</summary>
    public IReadOnlyList<FilterLine> Include { get; init; } = [];

    /// <summary>Patterns of what does not take part.</summary>
    public IReadOnlyList<FilterLine> Exclude { get; init; } = [];

    /// <summary><c>+ PATTERN</c>, <c>- PATTERN</c>, or <c>!</c>, which forgets all rules before it.</summary>
    public IReadOnlyList<FilterLine> Filter { get; init; } = [];

    /// <summary>Exactly these files, relative, with <c>/</c>; null for no such list. No other rule goes with it.</summary>
    public IReadOnlyCollection<string>? Files { get; init; }

    /// <summary>Folders that hold a file of such a name take no part, with all below; a name that ends in <c>/</c> means a folder.</summary>
    public IReadOnlyList<string> ExcludeIfPresent { get; init; } = [];

    /// <summary>Least bytes of a file; null for any.</summary>
    public long? MinSize { get; init; }

    /// <summary>Most bytes of a file; null for any.</summary>
    public long? MaxSize { get; init; }

    /// <summary>Files that changed later than so long ago take no part; null for any.</summary>
    public TimeSpan? MinAge { get; init; }

    /// <summary>Files that changed longer ago take no part; null for any.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Whether patterns match in any case.</summary>
    public bool IgnoreCase { get; init; }
}
