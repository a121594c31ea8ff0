using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Coffre.Cli.Running;

namespace Coffre.Cli.Schedules;

/// <summary>What a webhook gets.</summary>
/// <param name="Type"><c>job.succeeded</c>, <c>job.failed</c>, <c>job.skipped</c>, <c>job.missed</c>, <c>job.interrupted</c>.</param>
/// <param name="Timestamp">When it was sent.</param>
/// <param name="Host">The machine.</param>
/// <param name="Data">What became of the run.</param>
internal sealed record HookBody(string Type, DateTimeOffset Timestamp, string Host, RunRecord Data);

/// <summary>Pings, webhook and mail of one job. Never throws for what others do: it says what went wrong.</summary>
internal sealed class Notifier(Run run, ScheduledJob job)
{
    private const int Tries = 2;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <returns>What could not be told, and why.</returns>
    public async Task<IReadOnlyList<string>> StartAsync(RunRecord record) => await CollectAsync(("ping", () => PingAsync("/start", record)));

    public async Task<IReadOnlyList<string>> EndAsync(RunRecord record) => await CollectAsync(
        ("ping", () => record.Outcome is RunRecord.Skipped ? Task.CompletedTask : PingAsync(record.Outcome is RunRecord.Succeeded ? "" : "/fail", record)),
        ("webhook", () => HookAsync(record)),
        ("mail", () => MailAsync(record)));

    /// <summary>The value of the header that proves where a webhook comes from, as Standard Webhooks has it: the id, the time and the body are signed.</summary>
    public static string Sign(string secret, string id, long timestamp, string body)
    {
        var key = secret.StartsWith("whsec_", StringComparison.Ordinal) && TryBase64(secret["whsec_".Length..]) is { } bytes ? bytes : Encoding.UTF8.GetBytes(secret);
        var signed = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.{body}"));
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed));
    }

    private async Task<IReadOnlyList<string>> CollectAsync(params (string Kind, Func<Task> Tell)[] notices)
    {
        List<string> troubles = [];
        foreach (var (kind, tell) in notices)
        {
            try
            {
                await tell();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                troubles.Add(run.CleanMessage($"{kind} failed: {exception.Message}"));
            }
        }

        return troubles;
    }

    private async Task PingAsync(string suffix, RunRecord record)
    {
        if (AddressOf(job.Ping, "ping address") is { } url)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{job.Name} {record.Outcome}{(record.ExitCode is { } code ? $" {code}" : "")}{(record.Error is null ? "" : ": " + record.Error)}");
            await PostAsync(new Uri(url.GetLeftPart(UriPartial.Path).TrimEnd('/') + suffix + url.Query), () => new StringContent(text, Encoding.UTF8, "text/plain"), []);
        }
    }

    private async Task HookAsync(RunRecord record)
    {
        if (AddressOf(job.Webhook, "webhook address") is not { } url)
        {
            return;
        }

        var secret = SecretPlace.Read(run, job.WebhookSecret!, job, "webhook secret");
        var now = run.World.Time.GetUtcNow();
        var body = run.CleanMessage(JsonSerializer.Serialize(new HookBody("job." + record.Outcome, now, Environment.MachineName, record), ScheduleJson.Default.HookBody));
        var id = "run_" + record.Id;
        var timestamp = now.ToUnixTimeSeconds();
        await PostAsync(
            url,
            () => new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
            [("webhook-id", id), ("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture)), ("webhook-signature", Sign(secret, id, timestamp, body))]);
    }

    private async Task MailAsync(RunRecord record)
    {
        if (job.MailTo.Count > 0 && (job.MailOn is "always" || record.Outcome is not RunRecord.Succeeded))
        {
            await run.World.SendMail(Mail.Of(run, job, record), CancellationToken.None);
        }
    }

    private Uri? AddressOf(string? place, string what)
    {
        if (place is null)
        {
            return null;
        }

        var text = SecretPlace.IsPlace(place) ? SecretPlace.Read(run, place, job, what) : place;

        // Whoever knows such an address can ping in our name.
        run.Hide(text);
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http"
            ? url
            : throw new CliException(ExitCode.Usage, "configuration", $"The {what} is no http address.");
    }

    private async Task PostAsync(Uri url, Func<HttpContent> content, (string Name, string Value)[] headers)
    {
        using var http = new HttpClient(run.World.Handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = Limit }, disposeHandler: run.World.Handler is null) { Timeout = Timeout.InfiniteTimeSpan };
        for (var attempt = 1; ; attempt++)
        {
            using var limit = new CancellationTokenSource(Limit, run.World.Time);
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content() };
            request.Headers.UserAgent.TryParseAdd("coffre/" + Product.Version);
            Array.ForEach(headers, header => request.Headers.Add(header.Name, header.Value));
            try
            {
                using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }

                if (attempt == Tries || (int)answer.StatusCode is < 500 and not 429)
                {
                    throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture, $"{url.Host} answered HTTP {(int)answer.StatusCode}"));
                }
            }
            catch (OperationCanceledException) when (attempt < Tries)
            {
                // Once more.
            }
            catch (HttpRequestException exception) when (attempt < Tries && exception.StatusCode is null && exception.HttpRequestError is not HttpRequestError.Unknown)
            {
                // Once more.
            }
        }
    }

    private static byte[]? TryBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }
}
