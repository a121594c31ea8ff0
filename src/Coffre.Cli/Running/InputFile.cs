using System.Text;

namespace Coffre.Cli.Running;

/// <summary>A text file that a flag names, or standard input.</summary>
internal static class InputFile
{
    private const long Largest = 64 * 1024 * 1024;

    /// <summary>Its lines, without their ends.</summary>
    /// <param name="run">Where standard input comes from.</param>
    /// <param name="path">The file; <c>-</c> is standard input.</param>
    /// <param name="flag">Who wants it, for messages.</param>
    /// <exception cref="CliException">It cannot be read, or is no text.</exception>
    public static IReadOnlyList<string> Lines(Run run, string path, string flag)
    {
        try
        {
            using var stream = path is "-" ? run.World.OpenInput() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            List<string> lines = [];
            var length = 0L;
            while (reader.ReadLine() is { } line)
            {
                lines.Add(line);
                if ((length += line.Length) > Largest)
                {
                    throw CliException.Usage($"{flag} {path} is larger than {Largest / (1024 * 1024)} MiB.");
                }
            }

            return lines;
        }
        catch (DecoderFallbackException)
        {
            throw CliException.Usage($"{flag} {path} is no text in UTF-8.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"{flag} names a file that cannot be read: {exception.Message}");
        }
    }
}
