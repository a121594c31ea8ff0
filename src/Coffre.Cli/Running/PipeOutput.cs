using Microsoft.Win32.SafeHandles;

namespace Coffre.Cli.Running;

/// <summary>Standard output as a pipe that tells when nobody reads any more.</summary>
/// <remarks>
/// The console's own stream passes over a closed pipe in silence, so that <c>coffre cat big | head</c> would fetch all of it.
/// For files the console's stream is right: a <see cref="FileStream"/> would not move the position that the shell shares.
/// </remarks>
internal static class PipeOutput
{
    private const int StandardOutput = 1;
    private const int BrokenPipe = 32;

    /// <summary>Null where standard output is a file, or on Windows.</summary>
    public static Stream? Open()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
        {
            return null;
        }

        try
        {
            var stream = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? null : stream;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    public static bool IsClosedPipe(IOException exception) => !OperatingSystem.IsWindows() && exception.HResult == BrokenPipe;
}
