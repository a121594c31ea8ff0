using System.Runtime.InteropServices;
using Coffre.Cli.Running;

// A crash beside any run is told by its kind alone: the runtime would print its whole message, past the redactor.
AppDomain.CurrentDomain.UnhandledException += (_, crash) =>
{
    Console.Error.WriteLine($"coffre: internal error ({crash.ExceptionObject.GetType().Name}). Please report it with the command that you ran.");
    Environment.Exit(1);
};

using var stop = new StopSignal();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => stop.Receive(context, 130));
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => stop.Receive(context, 143));
return await App.RunAsync(args, Surroundings.OfProcess(stop), stop.Token);
