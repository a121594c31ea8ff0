using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Client.Filters;

namespace Coffre.Client.Sync;

/// <summary>What a tree held, as JSON lines: a head, a line for each file, and a foot that says how many they are, so that a torn one is noticed.</summary>
internal static class Manifest
{
    private const string Kind = "manifest";
    private const int CurrentVersion = 1;
    private const int MostLineLength = 1024 * 1024;

    /// <exception cref="CoffreException"><see cref="CoffreError.LocalFile"/>: it is no manifest, or torn.</exception>
    public static async Task<SyncTree> ReadAsync(string path, SyncOptions options, CancellationToken cancellationToken)
    {
        var tree = new SyncTree();
        try
        {
            using var reader = new StreamReader(path, Encoding.UTF8);
            if (Parse(await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false)) is not { Coffre: Kind, Version: CurrentVersion })
            {
                throw Broken(path, "is no manifest that this coffre knows");
            }

            var count = 0;
            while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } text)
            {
                var line = Parse(text);
                if (line is { Files: { } files })
                {
                    return files == count ? tree : throw Broken(path, $"names {files} files and holds {count}");
                }

                if (line is not { Path: { Length: > 0 } file, Size: { } size, Whirlpool: { } whirlpool } || Checksums.Clean(whirlpool) is not { } checksum)
                {
                    break;
                }

                count++;
                Note(tree, new SyncFile(file, size) { Modified = line.Modified, Checksum = checksum }, options);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CoffreException(CoffreError.LocalFile, $"{path} cannot be read: {exception.Message}", exception);
        }

        throw Broken(path, "is damaged, or was not written to its end");
    }

    public static async Task<IReadOnlyList<CheckLine>> WriteAsync(
        string path, SyncTree tree, Func<SyncFile, CancellationToken, Task<string?>> checksum, CancellationToken cancellationToken)
    {
        List<CheckLine> missing = [.. tree.Problems.Select(problem => new CheckLine(problem.Path, CheckState.Error, problem.Trouble.Message))];
        var count = 0;
        var writer = new StreamWriter(path + ".new", append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        await using (writer.ConfigureAwait(false))
        {
            await WriteAsync(writer, new ManifestLine { Coffre = Kind, Version = CurrentVersion }).ConfigureAwait(false);
            foreach (var file in tree.Files.Values.OrderBy(file => file.Path, StringComparer.Ordinal))
            {
                try
                {
                    if (await checksum(file, cancellationToken).ConfigureAwait(false) is not { } digest)
                    {
                        missing.Add(new CheckLine(file.Path, CheckState.Error, "the service names no checksum (--download computes it)"));
                        continue;
                    }

                    count++;
                    await WriteAsync(writer, new ManifestLine { Path = file.Path, Size = file.Size, Modified = file.Modified?.ToUniversalTime(), Whirlpool = digest }).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is CoffreException or IOException or UnauthorizedAccessException)
                {
                    missing.Add(new CheckLine(file.Path, CheckState.Error, exception.Message));
                }
            }

            await WriteAsync(writer, new ManifestLine { Files = count }).ConfigureAwait(false);
        }

        File.Move(path + ".new", path, overwrite: true);
        return missing;
    }

    private static void Note(SyncTree tree, SyncFile file, SyncOptions options)
    {
        if (options.Filter.Judge(new FilterItem(file.Path, IsFolder: false, file.Size, file.Modified)).Included && SyncTree.Above(file.Path).All(options.Filter.MayHold))
        {
            tree.Files[file.Path] = file;
        }
        else
        {
            tree.Untouched.Add(file.Path);
        }
    }

    private static ManifestLine? Parse(string? line)
    {
        try
        {
            return line is null or { Length: > MostLineLength } ? null : JsonSerializer.Deserialize(line, ManifestJson.Default.ManifestLine);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task WriteAsync(StreamWriter writer, ManifestLine line) => writer.WriteAsync(JsonSerializer.Serialize(line, ManifestJson.Default.ManifestLine) + "\n");

    private static CoffreException Broken(string path, string how) =>
        new(CoffreError.LocalFile, $"{path} {how}.") { Advice = "coffre check FOLDER … --manifest FILE writes one" };
}

/// <summary>One line: the head (<see cref="Coffre"/>), a file (<see cref="Path"/>), or the foot (<see cref="Files"/>).</summary>
internal sealed record ManifestLine
{
    public string? Coffre { get; init; }

    public int? Version { get; init; }

    public string? Path { get; init; }

    public long? Size { get; init; }

    public DateTimeOffset? Modified { get; init; }

    public string? Whirlpool { get; init; }

    public int? Files { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ManifestLine))]
internal sealed partial class ManifestJson : JsonSerializerContext;
