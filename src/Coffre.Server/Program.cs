using System.CommandLine;
using Coffre.Server.Commands;

// The host itself answers Ctrl-C and SIGTERM, and takes its time to end running transfers.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null };
var parsed = CommandLine.Build(TimeProvider.System).Parse(args);
var code = await parsed.InvokeAsync(configuration);
return parsed.Errors.Count > 0 ? CommandLine.WrongUse : code;
