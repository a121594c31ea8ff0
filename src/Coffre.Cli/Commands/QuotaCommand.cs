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
            Notes = "1fichier.com answers this once in five minutes and locks those who ask more often: until then its last answer is shown, with its age.",
        };
        kit.Does(command, async (run, _, cancellationToken) =>
        {
            var client = run.Open(run.Profile).Client;
            var account = await client.GetKeptAccountAsync(cancellationToken);
            var age = run.World.Time.GetUtcNow() - account.AskedAt;
            if (age >= TimeSpan.FromSeconds(1))
            {
                run.Report.SetAge(account.AskedAt, IndexFlags.Age(age), "the last answer of the service");
            }

            run.Report.Add(new QuotaFacts
            {
                Email = account.Email,
                Tier = account.Tier,
                Used = account.Used,
                Allowed = account.Allowed,
                Free = account.Free,
                Hot = account.Hot,
                Cold = client.IsOneFichier ? account.Used : null,
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
