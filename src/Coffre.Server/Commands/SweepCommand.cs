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
        var command = new Command("sweep", "Takes away expired uploads and bytes that no file refers to, at once. A running server does so by itself: stop it first.") { data, set };
        command.SetAction((parsed, token) => CommandLine.RunAsync(async () =>
        {
            var settings = CommandLine.Load(parsed.GetValue(data)!, parsed.GetValue(set));
            await using var folder = DataFolder.Open(settings, clock, mustLock: false);
            if (!folder.IsLocked)
            {
                // Only the server knows which bytes belong to uploads that are on their way, however long they take.
                throw new DataFolderException(
                    $"A coffre-server works in the data folder '{settings.DataFolder}', and sweeps it by itself: every {SettingList.SweepSeconds.Key}, and when files were removed. Stop it first to sweep by hand.");
            }

            var waiting = new WaitingFiles(new FtpTable(new IdSource(clock), clock), new BlobTable(clock), new AccountTable(clock), settings, clock);
            using var sweeper = new Sweeper(folder.Catalog, folder.Store, new HeldBlobs(new FreedSignal()), new UploadTable(clock), new BlobTable(clock), waiting, settings, clock);

            // With the lock in hand there is no upload on its way: whatever has no name is nobody's.
            var report = await sweeper.SweepAsync(TimeSpan.Zero, token);
            Console.WriteLine(
                $"Swept {report.Uploads} expired uploads, {report.Removed} removed blobs, {report.Orphans} orphans, {report.Staging} unfinished writes.");
            return 0;
        }));
        return command;
    }
}
