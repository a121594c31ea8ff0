using System.Globalization;
using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Server.Access;
using Coffre.Server.Audit;
using Coffre.Server.Door;

namespace Coffre.Server.Api;

/// <summary>One admitted call of the native API.</summary>
/// <param name="Who">The caller; null where nobody has to be.</param>
/// <param name="Http">The request.</param>
internal record ApiCall(Caller? Who, HttpContext Http)
{
    /// <summary>The caller of an operation that wants one.</summary>
    public Caller Caller => Who ?? throw new InvalidOperationException("This operation is open to anybody.");

    public Actor Actor => Actor.Of(Http, Who);

    public CancellationToken Cancelled => Http.RequestAborted;

    /// <summary>The number in the path's place for <c>{id}</c>; what is none names nothing.</summary>
    public Outcome<long> Id =>
        long.TryParse(Http.Request.RouteValues["id"]?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : new Fault(KoCode.NotFound);

    /// <summary>The page that is asked for.</summary>
    public Outcome<PageWish> Page
    {
        get
        {
            var (cursor, limit) = (Http.Request.Query["cursor"].ToString(), Http.Request.Query["limit"].ToString());
            var after = (long?)null;
            if (cursor.Length > 0)
            {
                if (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var place))
                {
                    return new Fault(KoCode.BadParameter, "cursor is what a page before gave as next");
                }

                after = place;
            }

            if (limit.Length == 0)
            {
                return new PageWish(after, Listing<object>.DefaultLimit);
            }

            return int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var most) && most is >= 1 and <= Listing<object>.MaxLimit
                ? new PageWish(after, most)
                : new Fault(KoCode.BadParameter, $"limit is 1 to {Listing<object>.MaxLimit}");
        }
    }
}

/// <summary>One that brought a body.</summary>
/// <param name="Request">The body.</param>
/// <param name="Who">The caller; null where nobody has to be.</param>
/// <param name="Http">The request.</param>
internal sealed record ApiCall<TRequest>(TRequest Request, Caller? Who, HttpContext Http) : ApiCall(Who, Http);

/// <summary>A page that is asked for.</summary>
/// <param name="Cursor">Where the page before ended; null: from the beginning.</param>
/// <param name="Limit">At most so many.</param>
internal sealed record PageWish(long? Cursor, int Limit)
{
    /// <summary>Makes a page of items that were fetched, one more than asked for if there are more.</summary>
    /// <param name="fetched">At most <see cref="Limit"/> + 1.</param>
    /// <param name="place">The cursor that goes on behind an item.</param>
    /// <param name="view">The item as it is told.</param>
    public Listing<TView> Cut<T, TView>(IReadOnlyList<T> fetched, Func<T, long> place, Func<T, TView> view) => new()
    {
        Items = [.. fetched.Take(Limit).Select(view)],
        Next = fetched.Count > Limit ? place(fetched[Limit - 1]).ToString(CultureInfo.InvariantCulture) : null,
    };
}
