using System.CommandLine;
using Coffre.Cli.Output;
using Coffre.Cli.Running;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre quota</c>: how full the account is.</summary>
internal static class QuotaCommand
{
    public static Command Make(CommandKit kit)
    {
        var command = new DescribedCommand("quota", "Show how full the account is", ["coffre quota", "coffre quota --profile work --json"])
        {
            Notes = "1fichier.com answers this once in five minutes and locks those who ask more often.",
        };
        kit.Does(command, async (run, _, cancellationToken) =>
        {
            var account = await run.Open(run.Profile).Client.GetAccountAsync(cancellationToken);
            run.Report.Add(new QuotaFacts
            {
                Email = account.Email,
                Tier = account.Tier,
                Used = account.Used,
                Allowed = account.Allowed,
                Free = account.Free,
                Hot = account.Hot,
                OverQuota = account.IsOverQuota,
                UploadForbidden = account.IsUploadForbidden,
                CdnCreditsGb = account.CdnCredits,
                SubscriptionEnd = account.SubscriptionEnd,
                ComputedAt = account.ComputedAt,
            });
            return ExitCode.Success;
        });
        return command;
    }
}
