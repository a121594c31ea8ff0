using System.Globalization;
using Coffre.Client.Filters;

namespace Coffre.Client.Bandwidth;

/// <summary>How many bytes a second may go up and come down, and when, as rclone's <c>--bwlimit</c> writes it.</summary>
/// <remarks>
/// <c>10M</c> for both ways, <c>10M:1M</c> up and down, <c>off</c>; or a timetable: <c>08:00,512k 23:00,off</c>, <c>Mon-08:00,1M:off Sat-00:00,off</c>.
/// Sizes are those of <see cref="SizeWord"/>: a number alone counts KiB. A slot holds until the next one of the week begins.
/// </remarks>
public sealed class BandwidthPlan
{
    private static readonly string[] Days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    private readonly (int Minute, BandwidthRate Rate)[] _slots;

    private BandwidthPlan(IEnumerable<(int Minute, BandwidthRate Rate)> slots) => _slots = [.. slots.OrderBy(slot => slot.Minute)];

    /// <summary>Reads a plan.</summary>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static BandwidthPlan Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words is [var only] && !only.Contains(',', StringComparison.Ordinal)
            ? new BandwidthPlan([(0, ParseRate(only))])
            : words.Length == 0 ? throw new FormatException("No limit is named; write it like 10M, 10M:1M, or '08:00,512k 23:00,off'.")
            : new BandwidthPlan(words.SelectMany(ParseSlot));
    }

    /// <summary>What holds at a moment.</summary>
    /// <param name="local">With the offset in which the timetable is written.</param>
    public BandwidthRate At(DateTimeOffset local)
    {
        var minute = ((int)local.DayOfWeek * 1440) + (local.Hour * 60) + local.Minute;
        var found = Array.FindLastIndex(_slots, slot => slot.Minute <= minute);

        // Before the first slot of the week the last one still holds. Of two at one time the later word counts: the order is stable.
        return _slots[found >= 0 ? found : ^1].Rate;
    }

    private static IEnumerable<(int Minute, BandwidthRate Rate)> ParseSlot(string word)
    {
        if (word.Split(',') is not [var time, var rate])
        {
            throw new FormatException($"'{word}' is no slot of a timetable; write it like 08:00,512k or Mon-08:00,512k.");
        }

        var dash = time.IndexOf('-', StringComparison.Ordinal);
        if (!TimeOnly.TryParseExact(time[(dash + 1)..], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock))
        {
            throw new FormatException($"'{time}' is no time; write it like 08:00 or Mon-08:00.");
        }

        var limit = ParseRate(rate);
        var minute = (clock.Hour * 60) + clock.Minute;
        return dash < 0
            ? Enumerable.Range(0, 7).Select(day => ((day * 1440) + minute, limit))
            : [((DayOf(time[..dash]) * 1440) + minute, limit)];
    }

    private static int DayOf(string text) =>
        text.Length >= 3 && Array.FindIndex(Days, day => text.Length is 3 ? day.StartsWith(text, StringComparison.OrdinalIgnoreCase) : day.Equals(text, StringComparison.OrdinalIgnoreCase)) is >= 0 and var found
            ? found
            : throw new FormatException($"'{text}' is no day of the week; write Mon or Monday.");

    private static BandwidthRate ParseRate(string text) => text.Split(':') switch
    {
        [var both] => new BandwidthRate(ParseBytes(both), ParseBytes(both)),
        [var up, var down] => new BandwidthRate(ParseBytes(up), ParseBytes(down)),
        _ => throw new FormatException($"'{text}' is no limit; write it like 10M, or 10M:1M for up and down."),
    };

    private static long? ParseBytes(string text) =>
        text.Equals("off", StringComparison.OrdinalIgnoreCase) ? null
        : SizeWord.TryParse(text, out var bytes) ? bytes == 0 ? null : bytes
        : throw new FormatException($"'{text}' is no limit; write it like 512k, 10M or off.");
}

/// <summary>Bytes a second.</summary>
/// <param name="Up">To the service; null for no limit.</param>
/// <param name="Down">From the service; null for no limit.</param>
public readonly record struct BandwidthRate(long? Up, long? Down);
