using System.CommandLine;
using Coffre.Cli.Profiles;
using Coffre.Cli.Running;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre import</c>: takes over what other programs keep.</summary>
internal static class ImportCommand
{
    public static Command Make(CommandKit kit) =>
        new DescribedCommand("import", "Take over logins of other programs", ["coffre import rclone", "coffre import rclone home --url https://files.example.org"])
        {
            Rclone(kit),
        };

    private static DescribedCommand Rclone(CommandKit kit)
    {
        var remote = new Argument<string?>("remote") { Description = "The remote, of type fichier; may be left out if there is one alone", Arity = ArgumentArity.ZeroOrOne };
        var config = kit.Flags.Text("--config", "The file, if it is not where rclone keeps it");
        var insecure = AuthCommand.InsecureStorage(kit);
        var command = new DescribedCommand("rclone", "Take the key of an rclone remote into the keyring", ["coffre import rclone", "coffre import rclone home --config ./rclone.conf --profile home"])
        {
            Notes = "The key is checked as by auth login. The profile is called as the remote, unless --profile says otherwise. rclone.conf is not changed.",
        };
        command.Add(remote);
        command.Add(config);
        command.Add(insecure);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var file = RcloneConfig.Open(run.World, parse.GetValue(config));
            var (name, text) = file.Find(parse.GetValue(remote));
            run.Hide(text);
            var key = LogIn.Read(run, RcloneConfig.Reveal(text), $"The key of remote '{name}'");
            run.Report.Add(await LogIn.RunAsync(run, LogIn.NameOf(run.Profile ?? name), key, parse.GetValue(insecure), cancellationToken));
            run.Report.Note($"The key still lies in {file.Path}, too.");
            return ExitCode.Success;
        });
        return command;
    }
}
