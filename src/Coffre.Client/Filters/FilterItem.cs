namespace Coffre.Client.Filters;

/// <summary>A file or folder that a <see cref="PathFilter"/> judges.</summary>
/// <param name="Path">Relative to where the walk began, with <c>/</c> between names and none at either end.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="Size">Bytes; null if not known, and then no rule on sizes counts.</param>
/// <param name="Modified">When it changed last (of remote files: when it arrived); null if not known, and then no rule on ages counts.</param>
public readonly record struct FilterItem(string Path, bool IsFolder = false, long? Size = null, DateTimeOffset? Modified = null);

/// <summary>What a <see cref="PathFilter"/> decided.</summary>
/// <param name="Included">Whether the item takes part.</param>
/// <param name="Rule">The rule that decided, as it was written, with its origin; or that none did. For people.</param>
public readonly record struct FilterVerdict(bool Included, string Rule);

/// <summary>One rule as somebody wrote it.</summary>
/// <param name="Text">A pattern; in <see cref="PathFilterOptions.Filter"/> with <c>+ </c> or <c>- </c> before it, or <c>!</c>.</param>
/// <param name="Origin">Where it stands, for messages: a flag, or a file and its line.</param>
public readonly record struct FilterLine(string Text, string Origin);
