using Coffre.Cli.Output;
using Coffre.Cli.Transfers;

namespace Coffre.Cli.Watching;

/// <summary>Takes local files out of the watched folder. Asks for no proof: whoever calls it has one.</summary>
internal sealed class Tidier(Report report, WatchSettings settings)
{
    /// <returns>False: the file is still there; the report says why.</returns>
    public bool TryTidy(string path, string localPath)
    {
        try
        {
            switch (settings.After)
            {
                case After.Delete:
                    File.Delete(localPath);
                    break;
                case After.Move:
                    Move(localPath, Path.Combine(settings.MoveTo!, path));
                    break;
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            report.Warn($"{path} is sent, but could not be tidied up here: {exception.Message}");
            return false;
        }
    }

    private static void Move(string from, string target)
    {
        var folder = Path.GetDirectoryName(target)!;
        Directory.CreateDirectory(folder);
        var name = Path.GetFileName(target);
        File.Move(from, Path.Combine(folder, Path.Exists(target) ? IfExistsFlag.FreeName(name, taken => Path.Exists(Path.Combine(folder, taken))) : name));
    }
}
