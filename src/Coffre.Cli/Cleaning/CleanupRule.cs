using Coffre.Client.Filters;
using Coffre.Client.Retention;

namespace Coffre.Cli.Cleaning;

/// <summary>What makes files a series.</summary>
internal enum SeriesBy
{
    /// <summary>One folder, and names that differ in their date only, or in their numbers.</summary>
    Name,

    /// <summary>One folder.</summary>
    Folder,

    /// <summary>The rule itself.</summary>
    All,
}

/// <summary>One rule of a cleanup: which files it is about, and which of them stay.</summary>
internal sealed record CleanupRule
{
    /// <summary>For people: its words, or where it stands.</summary>
    public required string Name { get; init; }

    public required PathFilter Filter { get; init; }

    public required RetentionPolicy Keep { get; init; }

    public SeriesBy Series { get; init; }

    /// <summary>Whether a date in the name counts; else that of arrival alone.</summary>
    public bool ReadsNames { get; init; } = true;

    /// <summary>Most bytes that the files of the rule may take; null for any.</summary>
    public long? MaxTotal { get; init; }

    /// <summary>Most percent of what the account may hold; null for any.</summary>
    public int? MaxUsed { get; init; }

    /// <summary>Whether the last of a series may go too.</summary>
    public bool AllowsLast { get; init; }

    /// <summary>Whether it says nothing about which files go: then all would.</summary>
    public bool IsBoundless => Filter.IsAll && Keep.IsEmpty && MaxTotal is null && MaxUsed is null;
}
