using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace Coffre.Server.Downloads;

/// <summary>The conditions of a request, judged in the order of RFC 9110 §13.2.2.</summary>
internal static class Conditions
{
    /// <summary>The status that ends the request (304 or 412), or null to go on.</summary>
    public static int? Judge(RequestHeaders headers, EntityTagHeaderValue tag, DateTimeOffset modifiedAt)
    {
        if (headers.IfMatch is { Count: > 0 } ifMatch)
        {
            if (!ifMatch.Any(wanted => IsAny(wanted) || wanted.Compare(tag, useStrongComparison: true)))
            {
                return StatusCodes.Status412PreconditionFailed;
            }
        }
        else if (headers.IfUnmodifiedSince < modifiedAt)
        {
            return StatusCodes.Status412PreconditionFailed;
        }

        if (headers.IfNoneMatch is { Count: > 0 } ifNoneMatch)
        {
            return ifNoneMatch.Any(known => IsAny(known) || known.Compare(tag, useStrongComparison: false))
                ? StatusCodes.Status304NotModified
                : null;
        }

        return headers.IfModifiedSince >= modifiedAt ? StatusCodes.Status304NotModified : null;
    }

    /// <summary>Whether <c>If-Range</c> (if there is one) still means this representation, so that a range may be answered.</summary>
    public static bool RangeHolds(RequestHeaders headers, EntityTagHeaderValue tag, DateTimeOffset modifiedAt) =>
        headers.IfRange switch
        {
            null => true,
            { EntityTag: { } known } => known.Compare(tag, useStrongComparison: true),
            { LastModified: { } date } => date == modifiedAt,
            _ => false,
        };

    private static bool IsAny(EntityTagHeaderValue tag) => tag.Equals(EntityTagHeaderValue.Any);
}
