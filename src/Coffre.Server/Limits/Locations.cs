using System.Net;
using Coffre.Protocol;
using Coffre.Server.Door;
using Coffre.Server.Settings;

namespace Coffre.Server.Limits;

/// <summary>Whether download tokens of one account go to one address at a time.</summary>
internal sealed class Locations(ServerSettings settings, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _hold = settings.Seconds(LimitSettings.LocationSeconds);
    private readonly RecentTable<Subject, Location> _locations = new(settings.Int(LimitSettings.Tracked));

    /// <summary>Takes the address for the account; a fault if another one has it.</summary>
    public Fault? Take(long accountId, IPAddress? address)
    {
        if (_hold == TimeSpan.Zero)
        {
            return null;
        }

        var (user, here) = (Subject.User(accountId), Subject.Of(address));
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            if (_locations.Find(user) is { } location && location.Address != here
                && _hold - clock.GetElapsedTime(location.At, now) is { Ticks: > 0 } left)
            {
                return new Fault(KoCode.OtherLocation) { RetryAfter = left };
            }

            _locations.Set(user, new Location(here, now));
            return null;
        }
    }

    private sealed record Location(Subject Address, long At);
}
