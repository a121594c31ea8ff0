using System.CommandLine;
using Coffre.Server.Commands;

// The host itself answers Ctrl-C and SIGTERM, and takes its time to end running transfers.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null };
return await CommandLine.Build(TimeProvider.System).Parse(args).InvokeAsync(configuration);
