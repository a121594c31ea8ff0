using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Coffre.Cli.Commands;
using Coffre.Cli.Output;
using Coffre.Protocol;

namespace Coffre.Cli.Running;

/// <summary>The command line as a whole: which commands there are, and how a run begins and ends.</summary>
internal static class App
{
    public static async Task<int> RunAsync(string[] args, Surroundings world, CancellationToken stop)
    {
        var sink = new Sink(world.Out, world.Error, new Redactor());
        try
        {
            return await RunAsync(args, world, sink, stop);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Outside of any command's run: a fault of ours, told through the same sink.
            var report = NewReport(sink, world, OutputForm.Text);
            var exitCode = report.Fail(exception);
            report.Close(exitCode);
            return (int)exitCode;
        }
    }

    private static async Task<int> RunAsync(string[] args, Surroundings world, Sink sink, CancellationToken stop)
    {
        var flags = new Flags(world);
        var root = Root(new CommandKit(world, sink, flags, stop), flags);

        // A file called @name is a file, not a list of arguments.
        var parse = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var configuration = new InvocationConfiguration
        {
            Output = sink.Out,
            Error = sink.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        int exitCode;
        var givesKey = args.TakeWhile(word => word is not "--").Any(IsKeyFlag);
        if (givesKey || (parse.Errors.Count > 0 && parse.Action is not { ClearsParseErrors: true }))
        {
            exitCode = Complain(parse, givesKey, world, sink);
        }
        else
        {
            exitCode = await parse.InvokeAsync(configuration, stop);
        }

        sink.Finish();
        return exitCode;
    }

    /// <summary>The tree of all commands.</summary>
    public static RootCommand Root(CommandKit kit, Flags flags)
    {
        var root = new RootCommand("Drives an account on a coffre-server or on 1fichier.com: uploads, downloads, folders, links.");
        foreach (var flag in flags.Everywhere)
        {
            flag.Recursive = true;
            root.Add(flag);
        }

        foreach (var option in root.Options)
        {
            switch (option)
            {
                case HelpOption help:
                    help.Action = new HelpWithExamples((HelpAction)help.Action!);
                    break;
                case VersionOption version:
                    version.Action = new PrintVersion();
                    break;
            }
        }

        Command[] commands =
        [
            AuthCommand.Make(kit), LsCommand.Make(kit), TreeCommand.Make(kit), FindCommand.Make(kit), DuCommand.Make(kit), DedupeCommand.Make(kit), PutCommand.Make(kit), GetCommand.Make(kit), SyncCommand.MakeSync(kit), SyncCommand.MakeCopy(kit), PlanCommand.Make(kit), ApplyCommand.Make(kit), CheckCommand.Make(kit), CatCommand.Make(kit),
            MkdirCommand.Make(kit), CpCommand.Make(kit), MvCommand.Make(kit), RmCommand.Make(kit), LinkCommand.Make(kit), InfoCommand.Make(kit),
            RemoteCommand.Make(kit), ExportCommand.Make(kit),
            JobCommand.Make(kit, root), ScheduleCommands.MakeScheduler(kit), FiltersCommand.Make(kit), CleanupCommand.Make(kit), WatchCommand.Make(kit), QuotaCommand.Make(kit), KeysCommand.Make(kit), ImportCommand.Make(kit),
            DoctorCommand.Make(kit), ErrorsCommand.Make(kit), SupportCommand.Make(kit), SchemaCommand.Make(kit), CompletionCommand.Make(kit), CompletionCommand.MakeComplete(kit, root), VersionCommand.Make(kit),
        ];
        foreach (var command in commands)
        {
            root.Add(command);
        }

        return root;
    }

    private static int Complain(ParseResult parse, bool givesKey, Surroundings world, Sink sink)
    {
        // Whoever tries to give a key as an argument shall not find it in an error message too.
        var words = parse.Tokens.SelectMany(token => token.Value.Split('=', ':')).ToList();
        words.Where((_, at) => at > 0 && words[at - 1] is "--password").ToList().ForEach(sink.Redactor.Hide);
        words.Where(word => ApiKey.Judge(word) is KeyForm.Coffre or KeyForm.Foreign or KeyForm.WrongChecksum).ToList().ForEach(sink.Redactor.Hide);

        var report = NewReport(sink, world, FormOf(parse, world));
        var exitCode = report.Fail(givesKey
            ? CliException.Usage("A key is never an argument: other users of the machine could read it.", "coffre auth login asks for it; elsewhere set COFFRE_API_KEY_FILE")
            : CliException.Usage(
                string.Join(" ", parse.Errors.Select(error => error.Message).Distinct(StringComparer.Ordinal)), $"see coffre{PathOf(parse.CommandResult.Command)} --help"));
        report.Close(exitCode);
        return (int)exitCode;
    }

    public static bool IsKeyFlag(string word) => word.Split('=')[0] is "--api-key" or "--apikey" or "--key" or "--token";

    private static string PathOf(Command command) =>
        command is RootCommand ? "" : PathOf(command.Parents.OfType<Command>().First()) + " " + command.Name;

    /// <summary>The form that was asked for, as far as a line that makes no sense tells.</summary>
    private static OutputForm FormOf(ParseResult parse, Surroundings world)
    {
        var words = parse.Tokens.Select(token => token.Value).ToArray();
        return Flags.FormOf(
            words.Contains("--json", StringComparer.Ordinal) || world.Variable(Flags.TwinOf("--json")) is "1" or "true",
            words.SkipWhile(word => word is not "--output").Skip(1).FirstOrDefault() ?? world.Variable(Flags.TwinOf("--output")));
    }

    private static Report NewReport(Sink sink, Surroundings world, OutputForm form) =>
        new(sink, form, quiet: false) { Style = new TextStyle(false, false, world.Time.LocalTimeZone) };

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine("coffre " + Product.Version);
            return 0;
        }
    }

    private sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var exitCode = inner.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            if (parseResult.CommandResult.Command is DescribedCommand described)
            {
                described.WriteMore(output);
            }
            else
            {
                output.WriteLine("""
                    Paths:
                      profile:/Folder/file    on the service, in the account of that profile; :/Folder/file for the default one
                      https://host/?abc…      the link of a file, wherever a remote file is read
                      anything else           on this machine; - is standard input or output

                    Environment:
                      COFFRE_API_KEY_FILE, COFFRE_API_KEY_COMMAND, COFFRE_API_KEY    the key, in this order, before stored profiles
                      COFFRE_URL              address of the service; every other flag has such a twin too (--if-exists: COFFRE_IF_EXISTS)

                    Examples:
                      coffre auth login --url https://files.example.org
                      coffre put ./photos :/ && coffre ls :/photos

                    """);
            }

            return exitCode;
        }
    }
}
