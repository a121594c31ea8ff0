using Coffre.Cli.Places;
using Coffre.Cli.Transfers;
using Coffre.Client.Filters;

namespace Coffre.Cli.Watching;

/// <summary>What becomes of a local file that was sent and proved.</summary>
internal enum After
{
    Keep,
    Delete,
    Move,
}

internal sealed record WatchSettings
{
    /// <summary>In full, without a slash at its end.</summary>
    public required string Folder { get; init; }

    public required RemotePlace Destination { get; init; }

    public required PathFilter Filter { get; init; }

    /// <summary>How long a file has to stand still before it counts as complete.</summary>
    public TimeSpan Settle { get; init; }

    /// <summary>How often the folder is looked through without a sign of change.</summary>
    public TimeSpan Rescan { get; init; }

    public After After { get; init; }

    /// <summary>Where <see cref="After.Move"/> moves to; in full.</summary>
    public string? MoveTo { get; init; }

    public IfExists IfExists { get; init; }

    public int Transfers { get; init; } = 4;
}
