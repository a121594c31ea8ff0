using System.Collections.Concurrent;

namespace Coffre.Server.Uploads;

/// <summary>Tickets that this process gave out lately and that wait for their upload: most uploads come at once, and need not look theirs up.</summary>
/// <remarks>A ticket never changes but by its end, and the transaction that names the files asks the catalog for that in any case.</remarks>
internal sealed class OpenTickets(TimeProvider clock)
{
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<string, UploadTicket> _tickets = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Remembers a ticket that is on disk.</summary>
    public void Add(UploadTicket ticket)
    {
        if (Interlocked.Increment(ref _count) > Capacity)
        {
            // Those that were never used, mostly. What still is, is found in the catalog.
            _tickets.Clear();
            Volatile.Write(ref _count, 1);
        }

        _tickets[ticket.Id] = ticket;
    }

    /// <summary>The ticket if it is remembered and has not expired.</summary>
    public UploadTicket? Find(string id) =>
        _tickets.TryGetValue(id, out var ticket) && ticket.ExpiresAt > clock.GetUtcNow() ? ticket : null;

    /// <summary>Its upload is done.</summary>
    public void Remove(string id)
    {
        if (_tickets.TryRemove(id, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
