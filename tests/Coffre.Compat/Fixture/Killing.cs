using System.Diagnostics;

namespace Coffre.Compat.Fixture;

/// <summary>Runs a command and kills it, as a power button does, when so much has passed the line.</summary>
public static class Killing
{
    /// <returns>Whether the kill came before its end.</returns>
    public static async Task<bool> RunAsync(Process process, Task moment)
    {
        if (await Task.WhenAny(process.WaitForExitAsync(), moment) != moment || process.HasExited)
        {
            await process.WaitForExitAsync();
            return false;
        }

        process.Kill();
        await process.WaitForExitAsync();
        return true;
    }
}
