using Coffre.Protocol;
using Coffre.Server.Audit;
using Coffre.Server.Door;

namespace Coffre.Server.Accounts;

/// <summary>Who looks after accounts: nobody changes an account of a higher role, nor gives a higher one than his own.</summary>
/// <param name="Actor">For the audit log.</param>
/// <param name="Role">What he is now.</param>
internal sealed record Authority(Actor Actor, Role Role)
{
    /// <summary>Whoever runs commands on the server's machine: nobody is above.</summary>
    public static Authority Operator { get; } = new(Actor.Operator, Role.Owner);

    /// <summary>Why this account is not his to change; null if it is.</summary>
    public Fault? FaultOn(Account account) =>
        account.Role > Role ? new Fault(KoCode.NotAllowed, "only an owner changes an owner") : null;

    /// <summary>Why he may not give this role; null if he may.</summary>
    public Fault? FaultGiving(Role? role) => role > Role ? new Fault(KoCode.NotAllowed, "nobody gives a role above his own") : null;
}
