using System.CommandLine;
using Coffre.Cli.Filters;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre info</c>: everything about a file or folder.</summary>
internal static class InfoCommand
{
    public static Command Make(CommandKit kit)
    {
        var paths = new Argument<string[]>("path") { Description = "Files, links or folders", Arity = ArgumentArity.OneOrMore };
        var command = new DescribedCommand("info", "Tell everything about a file, a link or a folder", ["coffre info :/report.pdf", "coffre info 'https://1fichier.com/?abcdefghij0123456789' --json"]) { paths };
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            foreach (var path in parse.GetRequiredValue(paths))
            {
                var place = Place.ParseRemote(path);
                run.Report.Add(await Finder.GetAsync(run, place, cancellationToken) switch
                {
                    FoundFile file => Describe(file.Details ?? await file.Account.Client.GetFileAsync(file.File.Link, password: null, cancellationToken), place),
                    FoundFolder folder => await DescribeAsync(folder, cancellationToken),
                    var other => throw new InvalidOperationException(other.GetType().Name),
                });
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static FileFacts Describe(FileDetails details, Place place) => new()
    {
        Name = NameEncoding.Decode(details.File.Name),
        Path = place is RemotePlace ? place.ToString() : details.FolderPath is { } folder ? $"/{folder}/{NameEncoding.Decode(details.File.Name)}".Replace("//", "/", StringComparison.Ordinal) : null,
        Size = details.File.Size,
        Date = details.File.Arrived,
        Link = details.File.Link,
        Checksum = details.File.Checksum,
        ContentType = details.File.ContentType,
        Description = details.Description,
        HasPassword = details.File.HasPassword,
        IsRestricted = details.File.IsRestricted,
        IsInline = details.IsInline,
        FolderId = details.FolderId,
    };

    private static async Task<FolderFacts> DescribeAsync(FoundFolder folder, CancellationToken cancellationToken)
    {
        var node = await folder.Account.Index.GetAsync(folder.Folder.Id, cancellationToken);
        var files = RemoteChoice.FilesOf(node);
        return new FolderFacts
        {
            Path = folder.Place.ToString(),
            FolderId = node.Id,
            Folders = node.Folders.Count,
            Files = files.Count,
            Size = files.Sum(file => file.Value.Size),
        };
    }
}
