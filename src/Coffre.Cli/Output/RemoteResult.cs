using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Cli.Remote;

namespace Coffre.Cli.Output;

/// <summary>A URL that the service fetches.</summary>
internal sealed record RemoteUrlResult : Result
{
    /// <summary>Number of the request that carries it.</summary>
    public long? Id { get; init; }

    /// <summary>Without user, password and query.</summary>
    public required string Url { get; init; }

    public string? Name { get; init; }

    /// <summary><c>planned</c>, <c>requested</c>, <c>waiting</c>, <c>running</c>, <c>done</c>, <c>failed</c>.</summary>
    public required string State { get; init; }

    public string? Link { get; init; }

    public string? Message { get; init; }

    public long? Received { get; init; }

    public long? Size { get; init; }

    public int? Tries { get; init; }

    /// <summary>Only the link counts.</summary>
    [JsonIgnore]
    public bool IsBare { get; init; }

    public override string? Line(TextStyle style)
    {
        if (IsBare)
        {
            return Link;
        }

        var more = string.Join("  ", new[] { RemoteResults.Progress(Received, State is "done" ? null : Size), Link, Message }.Where(part => part is { Length: > 0 }));
        return string.Create(CultureInfo.InvariantCulture, $"{Id,-8}  {State,-9}  {TextStyle.Shown(Url)}{(Name is null ? "" : $" as {TextStyle.Shown(Name)}")}{(more.Length > 0 ? "  " + TextStyle.Shown(more) : "")}");
    }

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.RemoteUrlResult);
}

/// <summary>A request for URLs, in the list of all.</summary>
internal sealed record RemoteRequestResult : Result
{
    public required long Id { get; init; }

    public DateTimeOffset? RequestedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary><c>open</c> or <c>ended</c>.</summary>
    public required string State { get; init; }

    /// <summary>What is known here of its URLs; null where it was asked for elsewhere.</summary>
    public int? Urls { get; init; }

    public int? Failed { get; init; }

    public string? Folder { get; init; }

    public override string? Line(TextStyle style) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Id,-8}  {State,-5}  {(RequestedAt is { } at ? style.Date(at) : "-"),-16}  {(Urls is null ? "asked for elsewhere" : $"{Urls} URLs into {TextStyle.Shown(Folder ?? ":/")}{(Failed > 0 ? $", {Failed} failed" : "")}")}");

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, CliJson.Default.RemoteRequestResult);
}
