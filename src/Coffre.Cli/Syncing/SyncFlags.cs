using System.CommandLine;
using Coffre.Cli.Commands;
using Coffre.Cli.Filters;
using Coffre.Cli.Running;
using Coffre.Client.Sync;

namespace Coffre.Cli.Syncing;

/// <summary>The flags of <c>sync</c> and <c>copy</c>.</summary>
internal sealed class SyncFlags(CommandKit kit, bool mayDelete)
{
    private readonly Argument<string> _source = new("source") { Description = "The folder that is taken as it is" };
    private readonly Argument<string> _destination = new("destination") { Description = "The folder that becomes like it" };
    private readonly Option<bool> _delete = kit.Flags.Switch("--delete", "Delete what is at the destination alone");
    private readonly Option<string> _mode = kit.Flags.Choice("--delete-mode", "Where deleted files go: into a trash folder with the date, or away for good", "trash", "trash", "permanent");
    private readonly Option<int> _maxDelete = kit.Flags.Number("--max-delete", "Most files that may go; where more would, nothing is done", 100, 0, int.MaxValue);
    private readonly Option<int> _maxPercent = kit.Flags.Number("--max-delete-percent", "Most files of a hundred that may go; where more would, nothing is done", 10, 0, 100);
    private readonly Option<bool> _checksum = kit.Flags.Switch("--checksum", "Compare by size and checksum instead of size and time", "-c");
    private readonly Option<bool> _sizeOnly = kit.Flags.Switch("--size-only", "Compare by size alone");
    private readonly Option<bool> _ignoreExisting = kit.Flags.Switch("--ignore-existing", "Leave alone what is at the destination already");
    private readonly Option<bool> _copyLinks = kit.Flags.Switch("--copy-links", "Upload what symbolic links point to, instead of leaving them out", "-L");
    private readonly Option<int> _transfers = kit.Flags.Number("--transfers", "Transfers at the same time", 4, 1, PutCommand.MostTransfers);
    private readonly FilterFlags _filters = new(kit);

    public void AddTo(Command command)
    {
        command.Add(_source);
        command.Add(_destination);
        Option[] options = [.. mayDelete ? new Option[] { _delete, _mode, _maxDelete, _maxPercent } : [], _checksum, _sizeOnly, _ignoreExisting, _copyLinks, _transfers];
        foreach (var option in options)
        {
            command.Add(option);
        }

        _filters.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_checksum) && result.GetValue(_sizeOnly))
            {
                result.AddError("--checksum and --size-only exclude each other.");
            }
        });
    }

    public SyncPlaces Places(ParseResult parse) => SyncPlaces.Of(parse.GetRequiredValue(_source), parse.GetRequiredValue(_destination));

    public SyncOptions Read(Run run, ParseResult parse, ISyncListener? listener) => new()
    {
        Comparison = parse.GetValue(_checksum) ? SyncComparison.Checksum : parse.GetValue(_sizeOnly) ? SyncComparison.SizeOnly : SyncComparison.SizeAndTime,
        IgnoreExisting = parse.GetValue(_ignoreExisting),
        Deletes = mayDelete && parse.GetValue(_delete),
        DeletesForGood = mayDelete && parse.GetRequiredValue(_mode) is "permanent",
        MaxDelete = mayDelete ? parse.GetValue(_maxDelete) : 0,
        MaxDeletePercent = mayDelete ? parse.GetValue(_maxPercent) : 0,
        Filter = _filters.Read(run, parse),
        FollowLinks = parse.GetValue(_copyLinks),
        Transfers = parse.GetValue(_transfers),
        Listener = listener,
    };

    /// <summary>Words of the command line that are local paths.</summary>
    public IReadOnlyCollection<string> LocalWords(ParseResult parse) => [Places(parse).LocalText, .. _filters.FilesIn(parse)];
}
