using System.CommandLine;
using Coffre.Cli.Running;
using Coffre.Cli.Schedules;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre job add</c>: a command that shall run by itself.</summary>
internal sealed class JobAddCommand
{
    private const long LeastSeconds = 60;
    private static readonly string[] Kept = ["COFFRE_URL", "COFFRE_PROFILE", "COFFRE_API_KEY_FILE", "COFFRE_API_KEY_COMMAND"];

    private readonly CommandKit _kit;
    private readonly Argument<string> _name = new("name") { Description = "What it is called: a letter, then letters, digits, '-' or '_'; at most 40" };
    private readonly Argument<string[]> _words = new("command") { Description = "The command, after --, without 'coffre'", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _cron;
    private readonly Option<string?> _every;
    private readonly Option<string?> _timezone;
    private readonly Option<string> _missed;
    private readonly Option<string?> _ping;
    private readonly Option<string?> _webhook;
    private readonly Option<string?> _webhookSecret;
    private readonly Option<string?> _mailTo;
    private readonly Option<string> _mailOn;
    private readonly Option<string?> _smtp;
    private readonly Option<string?> _smtpFrom;
    private readonly Option<string?> _smtpPassword;

    private JobAddCommand(CommandKit kit)
    {
        _kit = kit;
        _cron = kit.Flags.Text("--cron", "When: minute hour day month weekday, or @daily, @hourly, ...; six fields begin with the second");
        _every = kit.Flags.Text("--every", "Or how often, counted from now: 30m, 6h, 7d; a minute at least");
        _timezone = kit.Flags.Text("--timezone", "Zone of --cron, such as Europe/Paris; that of this machine if none is named");
        _missed = kit.Flags.Choice("--missed", "Runs that the machine slept through: run once for all of them, tell only, or pass over", "catch-up", "catch-up", "flag", "skip");
        _ping = kit.Flags.Text("--ping", $"Address to ping: ADDRESS/start, then ADDRESS or ADDRESS/fail; or where it lies: {SecretPlace.Forms}");
        _webhook = kit.Flags.Text("--webhook", $"Address that gets a signed JSON at the end of each run; or where it lies: {SecretPlace.Forms}");
        _webhookSecret = kit.Flags.Text("--webhook-secret", $"Where the secret lies that signs it: {SecretPlace.Forms}");
        _mailTo = kit.Flags.Text("--mail-to", "Addresses that get a mail, with commas between them");
        _mailOn = kit.Flags.Choice("--mail-on", "When", "failure", "failure", "always");
        _smtp = kit.Flags.Text("--smtp", "Server for mails: smtps://user@host:465, or smtp://user@host:587 (STARTTLS)");
        _smtpFrom = kit.Flags.Text("--smtp-from", "Sender of mails");
        _smtpPassword = kit.Flags.Text("--smtp-password", $"Where the password lies: {SecretPlace.Forms}");
    }

    public static Command Make(CommandKit kit, RootCommand root)
    {
        var made = new JobAddCommand(kit);
        var command = new DescribedCommand(
            "add",
            "Let a coffre command run at times of its own",
            ["coffre job add nightly --cron '0 3 * * *' -- put ./photos/ :/photos", "coffre job add hourly --every 1h --ping file:/etc/coffre/ping -- put ./db/ :/db --quiet"])
        {
            made._name, made._words, made._cron, made._every, made._timezone, made._missed, made._ping, made._webhook, made._webhookSecret,
            made._mailTo, made._mailOn, made._smtp, made._smtpFrom, made._smtpPassword,
        };
        command.Notes = """
            Only commands of coffre can be scheduled; no shell is called. Jobs are started by systemd (coffre job install NAME) or by
            coffre scheduler run. A secret is never an argument and never in the job's file: name where it lies. 'keyring' asks for it now.
            """;
        kit.Does(command, (run, parse, cancellationToken) => made.AddAsync(run, parse, root, cancellationToken));
        return command;
    }

    private async Task<ExitCode> AddAsync(Run run, ParseResult parse, RootCommand root, CancellationToken cancellationToken)
    {
        var name = parse.GetRequiredValue(_name);
        var book = new ScheduleBook(run);
        if (!ScheduleBook.IsName(name))
        {
            throw CliException.Usage($"'{name}' cannot be the name of a job.", "take a letter, then letters, digits, '-' or '_'");
        }

        if (book.Find(name) is not null)
        {
            throw CliException.Conflict($"There is a job '{name}' already.", $"coffre job rm {name}, or another name");
        }

        var words = parse.GetRequiredValue(_words);
        ScheduledWords.Check(run, root, words);
        var job = Read(run, parse, name, words);
        _ = job.Recurrence.NextAfter(run.World.Time.GetUtcNow()) ?? throw CliException.Usage($"'{job.Cron}' is never due.", "look at its day and month");
        await KeepSecretsAsync(run, job, cancellationToken);
        book.Write(job);
        run.Report.Add(ScheduleResult.Of(job, [], run.World.Time.GetUtcNow(), isInstalled: false) with { IsWhole = run.IsVerbose });
        run.Report.Note($"coffre job install {name} hands it to systemd; without systemd let coffre scheduler run.");
        return ExitCode.Success;
    }

    private ScheduledJob Read(Run run, ParseResult parse, string name, string[] words)
    {
        var (cron, every) = (parse.GetValue(_cron), parse.GetValue(_every));
        if (cron is null == every is null)
        {
            throw CliException.Usage("A job needs either --cron or --every.", "--cron '0 3 * * *' is three o'clock each night");
        }

        var seconds = every is null ? (long?)null : (long)Spans.Parse("--every", every).TotalSeconds;
        if (seconds < LeastSeconds)
        {
            throw CliException.Usage("--every must be a minute at least.");
        }

        var job = new ScheduledJob
        {
            Name = name,
            Words = words,
            Cron = cron?.Trim(),
            EverySeconds = seconds,
            Timezone = parse.GetValue(_timezone) ?? IdOf(run.World.Time.LocalTimeZone),
            Missed = parse.GetRequiredValue(_missed),
            Folder = Path.GetFullPath("."),
            Created = run.World.Time.GetUtcNow(),
            Since = run.World.Time.GetUtcNow(),
            Environment = KeptVariables(run),
            Ping = AddressOf(run, "--ping", parse.GetValue(_ping)),
            Webhook = AddressOf(run, "--webhook", parse.GetValue(_webhook)),
            WebhookSecret = SecretPlace.Check("--webhook-secret", parse.GetValue(_webhookSecret), run),
            MailTo = parse.GetValue(_mailTo)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
            MailOn = parse.GetRequiredValue(_mailOn),
            Smtp = parse.GetValue(_smtp),
            SmtpFrom = parse.GetValue(_smtpFrom),
            SmtpPassword = SecretPlace.Check("--smtp-password", parse.GetValue(_smtpPassword), run),
        };
        CheckNotices(run, job);
        Recurrence.ZoneOf(job.Timezone);
        return job;
    }

    private static void CheckNotices(Run run, ScheduledJob job)
    {
        if (job.Webhook is not null && job.WebhookSecret is null)
        {
            throw CliException.Usage("A webhook is signed: --webhook-secret is missing.", "write " + SecretPlace.Forms);
        }

        CheckServer(run, job.Smtp);
        if (job.MailTo.Count == 0)
        {
            return;
        }

        if (job.Smtp is null || job.SmtpFrom is null)
        {
            throw CliException.Usage("Mail needs --smtp and --smtp-from.", "such as --smtp smtps://user@mail.example.org --smtp-from user@example.org");
        }

        if (job.MailTo.Append(job.SmtpFrom).FirstOrDefault(text => !MimeKit.MailboxAddress.TryParse(text, out var address) || !address.Address.Contains('@', StringComparison.Ordinal)) is { } wrong)
        {
            throw CliException.Usage($"'{wrong}' is no e-mail address.");
        }
    }

    private static void CheckServer(Run run, string? smtp)
    {
        if (smtp is null)
        {
            return;
        }

        if (!Uri.TryCreate(smtp, UriKind.Absolute, out var server) || server.Scheme is not ("smtp" or "smtps") || server.Host.Length == 0)
        {
            throw CliException.Usage("--smtp is no address of a mail server.", "write smtps://user@host:465 or smtp://user@host:587");
        }

        RefusePassword(run, "--smtp", server);
    }

    private static Dictionary<string, string> KeptVariables(Run run)
    {
        if (run.World.Variable("COFFRE_API_KEY") is { Length: > 0 } && run.World.Variable("COFFRE_API_KEY_FILE") is not { Length: > 0 } && run.World.Variable("COFFRE_API_KEY_COMMAND") is not { Length: > 0 })
        {
            run.Report.Warn("The key in COFFRE_API_KEY is not kept with the job: log in with coffre auth login, or set COFFRE_API_KEY_FILE and make the job again.");
        }

        return Kept.Where(name => run.World.Variable(name) is { Length: > 0 }).ToDictionary(name => name, name => run.World.Variable(name)!, StringComparer.Ordinal);
    }

    private static async Task KeepSecretsAsync(Run run, ScheduledJob job, CancellationToken cancellationToken)
    {
        foreach (var (_, what) in SecretPlace.Places(job).Where(pair => pair.Place is "keyring"))
        {
            var secret = await AuthCommand.AskAsync(run, $"The {what} of job '{job.Name}'", cancellationToken);
            SecretPlace.Store(run, job, what, secret is { Length: > 0 } ? secret : throw CliException.Usage($"No {what} was given."));
        }
    }

    private static string? AddressOf(Run run, string flag, string? text)
    {
        if (text is null || SecretPlace.IsPlace(text))
        {
            return SecretPlace.Check(flag, text, run);
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.Host.Length == 0)
        {
            throw CliException.Usage($"{flag} is no http address.", "such as https://hc.example.org/ping/name, or file:PATH");
        }

        RefusePassword(run, flag, url);
        return text;
    }

    private static void RefusePassword(Run run, string flag, Uri url)
    {
        if (url.UserInfo.Contains(':', StringComparison.Ordinal))
        {
            run.Hide(url.UserInfo.Split(':', 2)[1]);
            throw CliException.Usage($"{flag} holds a password: other users of the machine could read it, and it would lie on disk in clear.", "leave it out, and name where it lies");
        }
    }

    private static string IdOf(TimeZoneInfo zone) => zone.HasIanaId && TimeZoneInfo.TryFindSystemTimeZoneById(zone.Id, out _) ? zone.Id : TimeZoneInfo.TryConvertWindowsIdToIanaId(zone.Id, out var id) ? id : "UTC";
}
