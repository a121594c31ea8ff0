using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Coffre.Cli.Output;
using Coffre.Cli.Profiles;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Health;

/// <summary>The way to the service, and the key: at most one call of its API.</summary>
internal sealed class ServiceChecks(Run run)
{
    private static readonly TimeSpan SoonEnding = TimeSpan.FromDays(14);
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(2);

    // As long as one folder rests between two listings.
    private static readonly TimeSpan FolderRest = TimeSpan.FromSeconds(30);

    private DateTimeOffset? _serviceTime;
    private DateTimeOffset _askedAt;

    public async IAsyncEnumerable<FindingResult> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (login, loginFinding) = FindLogin();
        yield return loginFinding;
        var url = login?.Url ?? (run.Url is { } given ? ServiceUrl.Parse(given) : null);
        if (url is null)
        {
            yield return FindingResult.Skipped("network", "no address to look at: log in, or give --url");
            yield break;
        }

        var proxy = run.World.FindProxy(url);
        yield return FindingResult.Ok("proxy", proxy is null ? "none" : $"{proxy.Scheme}://{proxy.Host}:{proxy.Port}");
        if (proxy is null)
        {
            yield return await ResolveAsync(url, cancellationToken);
            yield return await ShakeAsync(url, cancellationToken);
        }

        if (login is null)
        {
            yield break;
        }

        using var client = run.NewClient(login.Url, login.Key, options => options with { Retries = 0, FloodPatience = TimeSpan.Zero, OnCall = NoteTime(options.OnCall) });
        var budget = await BudgetAsync(client, cancellationToken);
        yield return budget;
        yield return budget.State is FindingResult.Problem
            ? FindingResult.Skipped("key", "the service is not asked while it locks us out")
            : await KeyAsync(client, login, cancellationToken);
        yield return Clock();
    }

    private (Login? Login, FindingResult Finding) FindLogin()
    {
        try
        {
            var login = run.FindLogin(run.Profile);
            return (login, FindingResult.Ok("login", $"{login.Url.Authority}, key from {login.From}"));
        }
        catch (CliException trouble)
        {
            return (null, trouble.Code is "not_logged_in" && run.Profile is null
                ? FindingResult.Warning("login", trouble.Message, trouble.Advice ?? "coffre auth login")
                : FindingResult.Bad("login", trouble.ExitCode, trouble.Message, trouble.Advice ?? "coffre auth login"));
        }
    }

    private async Task<FindingResult> ResolveAsync(Uri url, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await run.World.Resolve(url.IdnHost, cancellationToken);
            return FindingResult.Ok("DNS", $"{url.Host}: {string.Join(", ", addresses.Take(4).Select(address => address.ToString()))}");
        }
        catch (SocketException exception)
        {
            return FindingResult.Bad("DNS", ExitCode.Network, $"{url.Host} has no address: {exception.Message}.", "check the name, the network and /etc/resolv.conf; behind a proxy set HTTPS_PROXY");
        }
    }

    private async Task<FindingResult> ShakeAsync(Uri url, CancellationToken cancellationToken)
    {
        if (url.Scheme != Uri.UriSchemeHttps)
        {
            return url.IsLoopback
                ? FindingResult.Ok("TLS", "none needed: the service is on this machine")
                : FindingResult.Warning("TLS", $"{url.Authority} is called over HTTP: the key and all files cross the network in clear.", "give the server a certificate, and log in with https://");
        }

        try
        {
            var facts = await run.World.Shake(url, cancellationToken);
            var left = facts.Ends - run.World.Time.GetUtcNow();
            return facts.Trouble is not null
                ? FindingResult.Bad("TLS", ExitCode.Network, $"The certificate of {url.Host} is not trusted: {facts.Trouble}.", "have it renewed, check the clock, or name the authority of a home network with SSL_CERT_FILE")
                : left < SoonEnding
                    ? FindingResult.Warning("TLS", string.Create(CultureInfo.InvariantCulture, $"The certificate of {url.Host} ends in {Math.Max(0, left.TotalDays):0} days."), "have it renewed")
                    : FindingResult.Ok("TLS", string.Create(CultureInfo.InvariantCulture, $"{facts.Protocol}, certificate good for {left.TotalDays:0} days"));
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return FindingResult.Bad("TLS", ExitCode.Network, $"No TLS connection to {url.Authority}: {exception.Message}.", "check address and port, firewall, and whether HTTPS_PROXY is needed");
        }
    }

    private async Task<FindingResult> BudgetAsync(CoffreClient client, CancellationToken cancellationToken)
    {
        try
        {
            var budget = await client.GetBudgetAsync(cancellationToken);
            if (budget.Holds is [.., var last])
            {
                var left = last.Until - run.World.Time.GetUtcNow();
                var message = string.Create(CultureInfo.InvariantCulture, $"{last.Reason.TrimEnd('.')}: {left.TotalSeconds:0} s left{(last.Path is null ? "" : $", for {last.Path} alone")}.");
                return last.Path is null && left > TimeSpan.FromSeconds(5)
                    ? FindingResult.Bad("budget", ExitCode.TryLater, message, string.Create(CultureInfo.InvariantCulture, $"wait {Math.Ceiling(left.TotalMinutes):0} min; requests meanwhile make it longer"))
                    : FindingResult.Warning("budget", message, "wait for its end; coffre does so by itself");
            }

            return budget.FloodsInLastHour > 0
                ? FindingResult.Warning("budget", string.Create(CultureInfo.InvariantCulture, $"{budget.FloodsInLastHour} floods in the last hour: the pace is halved for each."), "see to it that no other program uses this account or address")
                : FindingResult.Ok("budget", budget.CallsAreDear switch { null => "no locks; the service was never asked from here", true => "no locks; calls are dear here", _ => "no locks; full speed" });
        }
        catch (CoffreException trouble)
        {
            return FindingResult.Bad("budget", ExitCodes.Of(trouble.Error), trouble.Message, trouble.Advice ?? "make the state folder writable");
        }
    }

    private async Task<FindingResult> KeyAsync(CoffreClient client, Login login, CancellationToken cancellationToken)
    {
        try
        {
            if (client.IsOneFichier)
            {
                await client.ListFolderAsync(RemoteFolder.RootId, cancellationToken);
                return FindingResult.Ok("key", "works");
            }

            var key = await client.Keys.GetCurrentAsync(cancellationToken);
            return key.ExpiresAt is { } end && end - run.World.Time.GetUtcNow() < SoonEnding
                ? FindingResult.Warning("key", $"It works, and ends at {run.Report.Style.Date(end)}.", "coffre keys rotate")
                : FindingResult.Ok("key", $"works; called '{key.Name}', may {string.Join(", ", key.Scopes ?? [])}");
        }
        catch (CoffreException trouble) when (trouble is { Error: CoffreError.UnexpectedAnswer, Ko: null })
        {
            return FindingResult.Warning("key", $"{login.Url.Authority} has no native API, so the key was not tried: {trouble.Message}", "coffre ls :/ tries it; check the address if that fails");
        }
        catch (CoffreException trouble) when (trouble is { Error: CoffreError.Flooded, Status: null, Ko: null } && trouble.RetryAfter <= FolderRest)
        {
            // Another command has just asked the same: that is no trouble.
            return FindingResult.Skipped("key", "the root folder was listed a moment ago, and may not be again for some seconds");
        }
        catch (CoffreException trouble)
        {
            return FindingResult.Bad("key", ExitCodes.Of(trouble.Error), trouble.Message, trouble.Advice ?? "coffre errors explain " + trouble.Code);
        }
    }

    private FindingResult Clock()
    {
        if (_serviceTime is not { } theirs)
        {
            return FindingResult.Skipped("clock", "the service did not say what time it is");
        }

        // It says whole seconds.
        var off = _askedAt - theirs;
        var text = string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(off.TotalSeconds):0} s {(off > TimeSpan.Zero ? "ahead of" : "behind")} the service");
        return off.Duration() > Skew
            ? FindingResult.Warning("clock", $"This machine is {text}.", "set the clock (timedatectl set-ntp true): pauses, certificates and the ends of keys depend on it")
            : FindingResult.Ok("clock", off.Duration() < TimeSpan.FromSeconds(2) ? "as the service has it" : text);
    }

    private Action<CallTrace> NoteTime(Action<CallTrace>? next) => call =>
    {
        (_serviceTime, _askedAt) = (call.ServiceTime, run.World.Time.GetUtcNow());
        next?.Invoke(call);
    };
}
