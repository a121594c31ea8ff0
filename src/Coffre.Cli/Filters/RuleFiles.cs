using System.Text;
using Coffre.Cli.Running;
using Coffre.Client.Filters;

namespace Coffre.Cli.Filters;

/// <summary>Files with rules or names of files; <c>-</c> is standard input, once.</summary>
internal sealed class RuleFiles(Run run)
{
    // A list of a million long names is well below.
    private const int MostBytes = 256 * 1024 * 1024;

    private bool _hasReadInput;

    /// <summary>Rules: one a line, without blanks at the ends; empty lines and those that begin with <c>#</c> or <c>;</c> say nothing.</summary>
    public IEnumerable<FilterLine> ReadRules(string file) => ReadText(file)
        .Split('\n')
        .Select((line, index) => new FilterLine(line.Trim(), $"{file}:{index + 1}"))
        .Where(line => line.Text.Length > 0 && line.Text[0] is not ('#' or ';'));

    /// <summary>Names as they stand.</summary>
    public IEnumerable<string> ReadNames(string file, char separator) =>
        ReadText(file).Split(separator).Select(name => separator == '\n' ? name.TrimEnd('\r') : name).Where(name => name.Length > 0);

    private string ReadText(string file)
    {
        if (file is "-")
        {
            if (_hasReadInput)
            {
                throw CliException.Usage("Standard input can be read once only.", "put one of the lists into a file");
            }

            _hasReadInput = true;
        }

        try
        {
            using var stream = file is "-" ? run.World.OpenInput() : File.OpenRead(file);
            using var text = new MemoryStream();
            var buffer = new byte[64 * 1024];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                text.Write(buffer, 0, text.Length + read <= MostBytes ? read : throw CliException.Usage($"{file} is too large for a list of rules or files."));
            }

            return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length).TrimStart('\uFEFF');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"{file} cannot be read: {exception.Message}", "name a file with one rule or name a line");
        }
    }
}
