using System.Text;

namespace Coffre.Tests.Cli;

/// <summary>Reads a line as a shell does, as far as examples need it.</summary>
internal static class ShellLine
{
    /// <summary>The words of each call of coffre in the line, without its name.</summary>
    public static IEnumerable<string[]> CommandsOf(string line)
    {
        List<string> words = [];
        foreach (var word in WordsOf(line).Append("|"))
        {
            if (word is "|" or "&&" or "||" or ";" or "<" or ">" or ">>")
            {
                if (words is ["coffre", ..])
                {
                    yield return [.. words[1..]];
                }

                words.Clear();
            }
            else
            {
                words.Add(word);
            }
        }
    }

    private static IEnumerable<string> WordsOf(string line)
    {
        var word = new StringBuilder();
        var (quote, isOpen) = ('\0', false);
        foreach (var character in line.Replace("<(coffre", "; coffre", StringComparison.Ordinal).Replace("bash)", "bash", StringComparison.Ordinal) + " ")
        {
            if (quote != '\0')
            {
                quote = character == quote ? '\0' : quote;
                word.Append(quote == '\0' ? "" : character.ToString());
            }
            else if (character is '\'' or '"')
            {
                (quote, isOpen) = (character, true);
            }
            else if (character == ' ')
            {
                if (word.Length > 0 || isOpen)
                {
                    yield return word.ToString();
                }

                word.Clear();
                isOpen = false;
            }
            else
            {
                word.Append(character);
            }
        }
    }
}
