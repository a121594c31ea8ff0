using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Cli.Running;
using Coffre.Client.Sync;

namespace Coffre.Cli.Syncing;

/// <summary>A plan as it lies in a file: what was asked, what both sides were like, and every step. It holds no secret.</summary>
internal sealed record PlanFile
{
    private const string Kind = "plan";
    private const int CurrentVersion = 1;

    public string Coffre { get; init; } = "";

    public int Version { get; init; }

    public DateTimeOffset Made { get; init; }

    /// <summary>The command line that it is the plan of, local paths in full.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    public PlanSide? Source { get; init; }

    public PlanSide? Destination { get; init; }

    public IReadOnlyList<PlanStep> Actions { get; init; } = [];

    /// <summary>The file that it was read from.</summary>
    [JsonIgnore]
    public string Path { get; init; } = "";

    public static PlanFile Of(IReadOnlyList<string> command, SyncPlaces places, SyncPlan plan, IEnumerable<SyncResult> actions, DateTimeOffset made) => new()
    {
        Coffre = Kind,
        Version = CurrentVersion,
        Made = made,
        Command = command,
        Source = SideOf(places.Source, plan.Source),
        Destination = SideOf(places.Destination, plan.Destination),
        Actions = [.. actions.Select(StepOf)],
    };

    /// <exception cref="CliException">It is not there, or no plan.</exception>
    public static PlanFile Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, PlanJson.Default.PlanFile) switch
            {
                { Coffre: Kind, Version: CurrentVersion, Command: ["sync" or "copy", ..], Source: not null, Destination: not null, Actions: not null } plan => plan with { Path = System.IO.Path.GetFullPath(path) },
                { Coffre: Kind, Version: > CurrentVersion } => throw CliException.Usage($"{path} is a plan of a newer coffre.", "apply it with that one, or make it anew"),
                _ => throw CliException.Usage($"{path} is no plan.", "coffre plan sync SOURCE DESTINATION --out FILE makes one"),
            };
        }
        catch (JsonException)
        {
            throw CliException.Usage($"{path} is no plan, or is damaged.", "coffre plan sync SOURCE DESTINATION --out FILE makes one");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw CliException.NotFound($"There is no file {path}.", "check the spelling");
        }
    }

    public void Write(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(path + ".new", options))
        {
            JsonSerializer.Serialize(file, this, PlanJson.Default.PlanFile);
        }

        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Sees that what has to be done now is what the plan says.</summary>
    /// <param name="now">The plan as it would be made now.</param>
    /// <param name="actions">Its steps.</param>
    /// <param name="isResumed">Whether a run that applied it was cut: then it is enough that everything left is a step of it.</param>
    /// <exception cref="CliException">It is not.</exception>
    public void MustStillHold(SyncPlan now, IEnumerable<SyncResult> actions, bool isResumed)
    {
        PlanStep[] steps = [.. actions.Select(StepOf)];
        if (isResumed)
        {
            // What was sent may still want its note.
            var known = Actions.Select(step => step with { Reason = null }).ToHashSet();
            var sent = Actions.Where(step => step.Action is "upload" or "download" or "move" or "copy").Select(step => step.Path).ToHashSet(StringComparer.Ordinal);
            if (steps.FirstOrDefault(step => !known.Contains(step with { Reason = null }) && !(step.Action is "note" && sent.Contains(step.Path))) is { } other)
            {
                throw Stale($"What is left has a step that the plan has not: {other.Action} {other.Path}.");
            }

            return;
        }

        if (now.Source.Fingerprint != Source!.Fingerprint)
        {
            throw Stale($"{Source.Place} has changed since the plan was made: {Source.Files} files with {Source.Bytes} bytes then, {now.Source.Files} with {now.Source.Bytes} now.");
        }

        if (now.Destination.Fingerprint != Destination!.Fingerprint)
        {
            throw Stale($"{Destination.Place} has changed since the plan was made: {Destination.Files} files with {Destination.Bytes} bytes then, {now.Destination.Files} with {now.Destination.Bytes} now.");
        }

        if (!steps.SequenceEqual(Actions))
        {
            throw Stale($"The steps in {Path} are not those that follow from the two sides; the file was changed.");
        }
    }

    private static CliException Stale(string message) => new(ExitCode.Conflict, "stale_plan", message, "nothing was done; make a new plan and look at it");

    private static PlanSide SideOf(string place, SyncSide side) => new() { Place = place, Files = side.Files, Bytes = side.Bytes, Fingerprint = side.Fingerprint };

    private static PlanStep StepOf(SyncResult action) => new() { Action = action.Action, Path = action.Path, From = action.From, Size = action.Size, Reason = action.Reason };
}

/// <summary>One side when the plan was made.</summary>
internal sealed record PlanSide
{
    public string Place { get; init; } = "";

    public int Files { get; init; }

    public long Bytes { get; init; }

    public string Fingerprint { get; init; } = "";
}

/// <summary>One step.</summary>
internal sealed record PlanStep
{
    public string Action { get; init; } = "";

    public string Path { get; init; } = "";

    public string? From { get; init; }

    public long? Size { get; init; }

    public string? Reason { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(PlanFile))]
internal sealed partial class PlanJson : JsonSerializerContext;
