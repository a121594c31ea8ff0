using System.Globalization;
using Coffre.Cli.Commands;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Client.Filters;
using Coffre.Client.Sync;

namespace Coffre.Cli.Cleaning;

/// <summary>Looks at a folder, gives each file to the first rule that is about it, and lets the rules decide.</summary>
internal sealed class CleanupPlan(Run run, Account account, IReadOnlyList<CleanupRule> rules)
{
    private readonly List<(CleanupRule Rule, CleanupItem Item)> _items = [];

    public IReadOnlyList<(CleanupRule Rule, CleanupItem Item)> Items => _items;

    public async Task MakeAsync(FoundFolder top, CancellationToken cancellationToken)
    {
        await WalkAsync(new CleanupFolder(top.Place, "", await account.Index.GetAsync(top.Folder.Id, cancellationToken), Above: null), cancellationToken);
        foreach (var rule in rules)
        {
            await DecideAsync(rule, [.. _items.Where(pair => ReferenceEquals(pair.Rule, rule)).Select(pair => pair.Item)], cancellationToken);
        }
    }

    private async Task WalkAsync(CleanupFolder folder, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Entries.WarnOfUnlisted(run, folder.Node, folder.Place);
        var (files, folders) = (folder.Node.Files, folder.Node.Folders);
        var open = rules.Where(rule => rule.Filter.MarkerAmong(files.Select(file => file.Key), folders.Select(child => child.Key)) is null).ToArray();
        foreach (var (name, file) in files.Where(file => !IsNeeded(folder, file.Value)))
        {
            var item = new CleanupItem(folder, name, file);
            if (Array.Find(open, rule => rule.Filter.Judge(new FilterItem(item.Path, IsFolder: false, file.Size, file.Arrived ?? run.World.Time.GetUtcNow())).Included) is { } rule)
            {
                Describe(rule, item);
                _items.Add((rule, item));
            }
        }

        foreach (var (name, child) in folders)
        {
            var path = folder.Path.Length == 0 ? name : folder.Path + "/" + name;
            if ((folder.Place.IsRoot && name == TrashPlace.FolderName) || !open.Any(rule => rule.Filter.MayHold(path)))
            {
                continue;
            }

            await WalkAsync(new CleanupFolder(folder.Place.Below(name), path, await account.Index.GetAsync(child.Id, cancellationToken), folder), cancellationToken);
        }
    }

    /// <summary>Notes of sync belong to the files beside them and go by no rule; those of the trash serve nobody any more.</summary>
    private static bool IsNeeded(CleanupFolder folder, RemoteFile file) => file.IsSidecar && folder.Place.Names is not [TrashPlace.FolderName, ..];

    private void Describe(CleanupRule rule, CleanupItem item)
    {
        var named = rule.ReadsNames ? NameDate.Find(item.Name, rule.Keep.Zone) : null;

        // A file without any date counts as new: nothing shows that it is old.
        item.Date = named ?? item.File.Arrived ?? run.World.Time.GetUtcNow();
        item.IsDatedByName = named is not null;
        item.Series = rule.Series switch
        {
            SeriesBy.All => "all",
            SeriesBy.Folder => item.Folder.Place.ToString(),

            // Without counts, only names with dates make a series: two files that merely have a number are no copies of each other.
            _ when rule.Keep.IsEmpty && NameDate.Find(item.Name, rule.Keep.Zone) is null => null,
            _ => item.Folder.Place.Below(NameDate.SeriesOf(item.Name)).ToString(),
        };
    }

    private async Task DecideAsync(CleanupRule rule, CleanupItem[] items, CancellationToken cancellationToken)
    {
        if (!rule.Keep.IsEmpty)
        {
            foreach (var series in items.GroupBy(item => item.Series, StringComparer.Ordinal).Select(group => group.ToArray()))
            {
                var reasons = rule.Keep.Judge([.. series.Select(item => item.Date)]);
                for (var i = 0; i < series.Length; i++)
                {
                    series[i].Decide(goes: reasons[i] is null, reasons[i] ?? "no count keeps it");
                    series[i].IsKept = reasons[i] is not null;
                }
            }
        }
        else
        {
            foreach (var item in items)
            {
                item.Decide(goes: rule is { MaxTotal: null, MaxUsed: null }, rule is { MaxTotal: null, MaxUsed: null } ? "it matches" : "there is room");
            }
        }

        if (rule.MaxTotal is { } most)
        {
            Shrink(items, items.Where(item => !item.Goes).Sum(item => item.File.Size) - most, string.Create(CultureInfo.InvariantCulture, $"the oldest, for more than {TextStyle.Human(most)} is there"));
        }

        if (rule.MaxUsed is { } percent)
        {
            var info = await account.Client.GetAccountAsync(cancellationToken);
            var allowed = info.Allowed ?? throw CliException.Usage("The service does not say how much this account may hold.", "use --max-total");
            var going = _items.Where(pair => pair.Item.Goes).Sum(pair => pair.Item.File.Size);
            Shrink(items, info.Used - going - (long)((decimal)allowed * percent / 100), string.Create(CultureInfo.InvariantCulture, $"the oldest, for the account is fuller than {percent} %"));
        }

        if (!rule.AllowsLast)
        {
            SpareLast(items);
        }
    }

    private static void Shrink(CleanupItem[] items, long excess, string reason)
    {
        foreach (var item in items.Where(item => !item.Goes && !item.IsKept).OrderBy(item => item.Date).ThenBy(item => item.Path, StringComparer.Ordinal))
        {
            if (excess <= 0)
            {
                return;
            }

            item.Decide(goes: true, reason);
            excess -= item.File.Size;
        }
    }

    private static void SpareLast(CleanupItem[] items)
    {
        foreach (var series in items.Where(item => item.Series is not null).GroupBy(item => item.Series, StringComparer.Ordinal).Where(series => series.All(item => item.Goes)))
        {
            series.OrderByDescending(item => item.Date).ThenByDescending(item => item.Path, StringComparer.Ordinal).First()
                .Decide(goes: false, "the last of its series; --allow-last lets it go");
        }
    }
}
