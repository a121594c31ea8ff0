using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>--offline</c> and <c>--refresh</c>: how old an answer of the index may be.</summary>
internal sealed class IndexFlags(CommandKit kit, IndexUse fallback)
{
    private readonly Option<bool> _offline = kit.Flags.Switch("--offline", "Answer from what is known on this machine; ask nothing");
    private readonly Option<bool> _refresh = kit.Flags.Switch("--refresh", "List every folder again, once");

    /// <summary>What needs saying under <c>--help</c>.</summary>
    public static string Notes => """
        Answers come from the index on this machine, whatever its age, which is said. Folders that it does not know are listed first.
        What coffre itself changes is known at once; --refresh brings in what others changed: folder by folder, or, where calls are dear, once an
        hour with one listing of the whole account, which does not show what was moved.
        """;

    public void AddTo(Command command)
    {
        command.Add(_offline);
        command.Add(_refresh);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_offline) && result.GetValue(_refresh))
            {
                result.AddError("--offline and --refresh exclude each other.");
            }
        });
    }

    /// <summary>The account, whose index answers as the flags say from now on.</summary>
    public Account Open(Run run, ParseResult parse, Place place)
    {
        var account = run.Open(place);
        account.Index.Use = parse.GetValue(_offline) ? IndexUse.Offline : parse.GetValue(_refresh) ? IndexUse.Refresh : fallback;
        return account;
    }

    /// <summary>Says how old the answer is, if it is not of this moment.</summary>
    public static void TellAge(Run run, Account account)
    {
        if (account.Index.AsOf is { } asOf)
        {
            run.Report.SetAge(asOf, Age(run.World.Time.GetUtcNow() - asOf));
        }

        if (account.Index.IsFromWholeAccount)
        {
            run.Report.Note("The files are of now, from one listing of the whole account; what others moved, and their folders, show when folders are listed again.");
        }
    }

    public static string Age(TimeSpan age) => age.TotalSeconds switch
    {
        < 90 => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, age.TotalSeconds):0} s"),
        < 5400 => string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:0} min"),
        < 129_600 => string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{age.TotalDays:0} days"),
    };
}
