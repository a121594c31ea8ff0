using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Settings;

namespace Coffre.Server.Uploads;

/// <summary>Writes down the rights to upload that are given out, all that wait in one go.</summary>
internal sealed class TicketOffice(UploadTable uploads, ServerSettings settings) : IGroupWork<UploadTicket, Outcome<UploadTicket>>
{
    private readonly long _mostOpen = settings.Number(SettingList.MaxOpenTickets);

    // Tickets that may be given out before the open ones are counted again: counting reads them all, and what ends meanwhile only makes
    // them fewer. Touched by the catalog's writer alone. If a group is run again, fewer are left than could be: they are counted the sooner.
    private long _uncounted;

    public IReadOnlyList<Outcome<UploadTicket>> Run(CatalogSession session, IReadOnlyList<UploadTicket> items)
    {
        var results = new List<Outcome<UploadTicket>>(items.Count);
        foreach (var ticket in items)
        {
            if (_uncounted <= 0)
            {
                _uncounted = _mostOpen - uploads.CountOpen(session);
            }

            if (_uncounted-- <= 0)
            {
                results.Add(new Fault(KoCode.TooManyUploads));
                return results;
            }

            uploads.Insert(session, ticket);
            results.Add(ticket);
        }

        return results;
    }
}
