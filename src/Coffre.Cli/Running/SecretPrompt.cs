using System.Text;

namespace Coffre.Cli.Running;

/// <summary>Reads a secret from the terminal without echo.</summary>
internal static class SecretPrompt
{
    private const int Longest = 4096;

    public static string? Read()
    {
        var text = new StringBuilder();
        while (text.Length < Longest)
        {
            var key = Console.ReadKey(intercept: true);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    return text.ToString();
                case ConsoleKey.Backspace when text.Length > 0:
                    text.Length--;
                    break;
                case ConsoleKey.D when key.Modifiers.HasFlag(ConsoleModifiers.Control) && text.Length == 0:
                    return null;
                default:
                    if (key.KeyChar != '\0')
                    {
                        text.Append(key.KeyChar);
                    }

                    break;
            }
        }

        return text.ToString();
    }
}
