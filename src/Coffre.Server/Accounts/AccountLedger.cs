namespace Coffre.Server.Accounts;

/// <summary>The counts of an account while a group of uploads is named in one transaction: read once, written once.</summary>
/// <remarks>Nobody else may change the same counts until it is closed (<see cref="AccountTable.CloseLedger"/>).</remarks>
/// <param name="id">The account.</param>
/// <param name="left">Bytes that the quota leaves, what is set aside counted as used; may be negative.</param>
/// <param name="changeNo">The number of its last change.</param>
internal sealed class AccountLedger(long id, long left, long changeNo)
{
    private long _left = left;

    public long Id => id;

    /// <summary>Whether its keys are refused, and its files not given out.</summary>
    public required bool IsSuspended { get; init; }

    public required Preferences Preferences { get; init; }

    /// <summary>Bytes to be counted as used.</summary>
    public long Used { get; private set; }

    /// <summary>Bytes to be given back that were set aside.</summary>
    public long Returned { get; private set; }

    /// <summary>Changes that were numbered.</summary>
    public long Changes { get; private set; }

    public long NextChange() => changeNo + ++Changes;

    /// <summary>Counts bytes as used, if the quota takes all of them; false: nothing was changed.</summary>
    public bool TryUse(long bytes)
    {
        if (bytes > Math.Max(_left, 0))
        {
            return false;
        }

        Settle(reserved: 0, bytes);
        return true;
    }

    /// <summary>Gives back <paramref name="reserved"/> bytes and counts <paramref name="used"/> as used.</summary>
    public void Settle(long reserved, long used)
    {
        Used += used;
        Returned += reserved;
        _left += reserved - used;
    }
}
