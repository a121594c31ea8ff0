using System.Globalization;

namespace Coffre.Client.Budget;

/// <summary>Waits for the end of what holds requests back, tells how long that takes, and knows when it is too long.</summary>
internal sealed class BudgetWait(CoffreClientOptions options)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    // What lasts no longer was told already.
    private DateTimeOffset _announced;

    /// <summary>Whoever ran into a lock until then says so itself.</summary>
    public void IsTold(DateTimeOffset until) => _announced = until;

    /// <summary>Waits until it is lifted; a lock is told once, each wait for a rule of its own.</summary>
    public async Task OutlastAsync(BudgetLock held, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (held.IsOwnRule || held.Until > _announced)
        {
            _announced = held.IsOwnRule ? _announced : held.Until;
            options.OnNotice?.Invoke(string.Create(
                CultureInfo.InvariantCulture, $"{held.Message} Waiting {(held.Until - now).TotalSeconds:0} s before the next request."));
        }

        await PauseAsync(held.Message, held.Ko, held.Until - now, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits, and says every second how long it will still take.</summary>
    public async Task PauseAsync(string reason, int? ko, TimeSpan pause, CancellationToken cancellationToken)
    {
        if (options.OnWait is not { } tell)
        {
            await Task.Delay(pause, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            return;
        }

        for (var left = pause; left > TimeSpan.Zero; left -= Tick)
        {
            tell(new WaitNotice(reason, ko, left));
            await Task.Delay(left < Tick ? left : Tick, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }

        tell(new WaitNotice(reason, ko, TimeSpan.Zero));
    }

    /// <exception cref="CoffreException">All waits of one request together are longer than the caller's patience.</exception>
    public void MustBePatient(BudgetLock held, TimeSpan left, TimeSpan waited)
    {
        if (waited > options.FloodPatience)
        {
            throw new CoffreException(held.Error, string.Create(
                CultureInfo.InvariantCulture, $"{held.Message} Nothing was asked: it takes {left.TotalSeconds:0} s more."))
            {
                Ko = held.Ko,
                RetryAfter = left,
                Advice = string.Create(CultureInfo.InvariantCulture, $"run the same command again in {Math.Ceiling(left.TotalMinutes):0} min"),
            };
        }
    }
}
