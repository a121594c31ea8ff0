using System.Runtime.InteropServices;
using Coffre.Cli.Running;

using var stop = new StopSignal();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => stop.Receive(context, 130));
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => stop.Receive(context, 143));
return await App.RunAsync(args, Surroundings.OfProcess(stop), stop.Token);
