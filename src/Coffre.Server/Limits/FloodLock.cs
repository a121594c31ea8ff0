using Coffre.Protocol;

namespace Coffre.Server.Limits;

/// <summary>Somebody asked too often, and has to wait.</summary>
/// <param name="Subject">Who.</param>
/// <param name="Scope">The path of the call that is refused, or <see cref="Everything"/>.</param>
/// <param name="Code">What the refusal says.</param>
/// <param name="EndsAt">UTC.</param>
internal sealed record FloodLock(Subject Subject, string Scope, KoCode Code, DateTimeOffset EndsAt)
{
    public const string Everything = "*";
}
