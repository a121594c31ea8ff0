using Coffre.Cli.Running;

namespace Coffre.Cli.Catalogue;

/// <summary>What each exit code means. The manual says the same; a test compares the two.</summary>
internal static class ExitBook
{
    private static readonly SortedDictionary<ExitCode, string> Meanings = new()
    {
        [ExitCode.Success] = "done",
        [ExitCode.Failure] = "failure not listed below",
        [ExitCode.Usage] = "wrong use or configuration",
        [ExitCode.NotLoggedIn] = "not logged in, or the key is refused",
        [ExitCode.Forbidden] = "not allowed, or the password of a link is missing or wrong",
        [ExitCode.NotFound] = "not found",
        [ExitCode.Conflict] = "the name is taken, a folder is not empty, a plan is stale",
        [ExitCode.TryLater] = "locked for too many requests, or out of service: try later",
        [ExitCode.Partial] = "some items failed",
        [ExitCode.Guard] = "a guard stopped the run: more would be deleted than the limits allow",
        [ExitCode.Integrity] = "size or checksum differ; `check` found differences",
        [ExitCode.QuotaOrPlan] = "quota, plan or CDN credit exhausted",
        [ExitCode.Network] = "network unreachable or too slow",
        [ExitCode.Busy] = "another run holds the folder (`watch`), or the job",
        [ExitCode.KeysFound] = "`keys scan` has found keys",
        [ExitCode.Interrupted] = "stopped by Ctrl-C",
        [ExitCode.PipeClosed] = "whoever read our output closed it",
        [ExitCode.Terminated] = "stopped by SIGTERM",
    };

    public static IReadOnlyDictionary<ExitCode, string> All => Meanings;
}
