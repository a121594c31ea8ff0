using System.CommandLine;
using Coffre.Server.Catalog;
using Coffre.Server.Accounts;
using Coffre.Server.Ftp;
using Coffre.Server.Files;
using Coffre.Server.Housekeeping;
using Coffre.Server.Settings;
using Coffre.Server.Uploads;

namespace Coffre.Server.Commands;

/// <summary><c>coffre-server sweep</c>: what the server does by itself now and then, at once.</summary>
internal static class SweepCommand
{
    public static Command Build(TimeProvider clock)
    {
        var (data, set) = (CommandLine.Data(), CommandLine.Set());
        var command = new Command("sweep", "Takes away expired uploads and bytes that no file refers to.") { data, set };
        command.SetAction((parsed, token) => CommandLine.RunAsync(async () =>
        {
            var settings = CommandLine.Load(parsed.GetValue(data)!, parsed.GetValue(set));
            await using var folder = DataFolder.Open(settings, clock, mustLock: false);
            var waiting = new WaitingFiles(new FtpTable(new IdSource(clock), clock), new BlobTable(clock), new AccountTable(clock), settings, clock);
            using var sweeper = new Sweeper(folder.Catalog, folder.Store, new HeldBlobs(), new UploadTable(clock), new BlobTable(clock), waiting, settings, clock);

            // While a server runs, young bytes may belong to an upload on its way. With the lock in hand there is none.
            var age = folder.IsLocked ? TimeSpan.Zero : settings.Seconds(SettingList.OrphanSeconds);
            var report = await sweeper.SweepAsync(age, token);
            Console.WriteLine(
                $"Swept {report.Uploads} expired uploads, {report.Removed} removed blobs, {report.Orphans} orphans, {report.Staging} unfinished writes.");
            return 0;
        }));
        return command;
    }
}
