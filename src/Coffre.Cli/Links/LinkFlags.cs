using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Links;

/// <summary>What <c>link</c> changes about the links that it prints.</summary>
internal sealed class LinkFlags(CommandKit kit)
{
    // No look-alikes: it is read aloud and typed.
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    private const int GeneratedLength = 16;

    // Without a twin: a variable of that name would hold the password itself, sooner or later.
    private readonly Option<bool> _password = new("--password") { Description = "Ask for a password that whoever opens the links has to know", Arity = ArgumentArity.Zero };
    private readonly Option<string?> _passwordFile = kit.Flags.Text("--password-file", "File whose first line is that password; - is standard input");
    private readonly Option<bool> _generate = kit.Flags.Switch("--password-generate", "Make such a password, and say it");
    private readonly Option<bool> _noPassword = kit.Flags.Switch("--no-password", "Remove the password");
    private readonly Option<string?> _description = kit.Flags.Text("--description", "What is said about the files; '' removes it");
    private readonly Option<bool> _inline = kit.Flags.Switch("--inline", "Browsers show the files instead of saving them");
    private readonly Option<bool> _noInline = kit.Flags.Switch("--no-inline", "Browsers save the files");
    private readonly Option<bool> _noSsl = kit.Flags.Switch("--no-ssl", "Links without TLS, where the service has such");
    private readonly Option<string[]> _networks = kit.Flags.Texts("--allow-ip", "Only from this address or network (192.0.2.0/24); may be repeated");
    private readonly Option<string[]> _countries = kit.Flags.Texts("--allow-country", "Only from this country (two letters); may be repeated");
    private readonly Option<string[]> _emails = kit.Flags.Texts("--allow-email", "Only for this account of the service; may be repeated");
    private readonly Option<bool> _premium = kit.Flags.Switch("--premium-only", "Only for paying accounts");
    private readonly Option<bool> _anyone = kit.Flags.Switch("--allow-anyone", "Remove these four rules");

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _password, _passwordFile, _generate, _noPassword, _description, _inline, _noInline, _noSsl, _networks, _countries, _emails, _premium, _anyone })
        {
            command.Add(option);
        }
    }

    /// <summary>What is wanted; null: nothing.</summary>
    /// <returns>The change, and the password that was made for it.</returns>
    /// <exception cref="CliException">The flags contradict each other, or a value cannot be right.</exception>
    public async Task<(FileChange? Change, string? Generated)> ReadAsync(Run run, ParseResult parse, CancellationToken cancellationToken)
    {
        MustNotBeArgument(run, parse);
        string?[] sources = [Given(_password), parse.GetValue(_passwordFile) is null ? null : "--password-file", Given(_generate), Given(_noPassword)];
        if (sources.OfType<string>().Count() > 1)
        {
            throw CliException.Usage($"{string.Join(" and ", sources.OfType<string>())} exclude each other.");
        }

        if (parse.GetValue(_inline) && parse.GetValue(_noInline))
        {
            throw CliException.Usage("--inline and --no-inline exclude each other.");
        }

        var rules = Rules(parse);
        var password = await PasswordAsync(run, parse, cancellationToken);
        var change = new FileChange
        {
            Password = password,
            Description = parse.GetValue(_description),
            IsInline = parse.GetValue(_inline) ? true : parse.GetValue(_noInline) ? false : null,
            IsWithoutTls = parse.GetValue(_noSsl) ? true : null,
            Rules = rules,
        };
        return (change == new FileChange() ? null : change, parse.GetValue(_generate) ? password : null);

        string? Given(Option<bool> option) => parse.GetValue(option) ? option.Name : null;
    }

    /// <summary>What stands right behind the flag and is no place was meant as the password.</summary>
    private static void MustNotBeArgument(Run run, ParseResult parse)
    {
        var words = parse.Tokens.Select(token => token.Value).ToArray();
        for (var at = 1; at < words.Length; at++)
        {
            if (words[at - 1] is "--password" && !words[at].StartsWith('-') && Places.Place.Parse(words[at]) is Places.LocalPlace)
            {
                run.Hide(words[at]);
                throw CliException.Usage("A password is never an argument: other users of the machine could read it.", "--password asks for it, --password-file reads it");
            }
        }
    }

    private async Task<string?> PasswordAsync(Run run, ParseResult parse, CancellationToken cancellationToken)
    {
        if (parse.GetValue(_noPassword))
        {
            return "";
        }

        if (parse.GetValue(_generate))
        {
            return RandomNumberGenerator.GetString(Alphabet, GeneratedLength);
        }

        var password = parse.GetValue(_passwordFile) is { } file ? FirstLine(run, file)
            : parse.GetValue(_password) ? await AskAsync(run, cancellationToken) : null;
        run.Hide(password);
        return password is { Length: < FileChange.ShortestPassword }
            ? throw CliException.Usage($"A password of a link has at least {FileChange.ShortestPassword} characters.")
            : password;
    }

    private static string FirstLine(Run run, string file) => InputFile.Lines(run, file, "--password-file") is [var line, ..] ? line : "";

    private static async Task<string> AskAsync(Run run, CancellationToken cancellationToken)
    {
        if (!run.World.IsInputTerminal)
        {
            throw CliException.Usage("Nobody is there to ask for the password.", "use --password-file or --password-generate");
        }

        var (first, second) = (await AskOnceAsync("Password: "), await AskOnceAsync("Once more: "));
        return string.Equals(first, second, StringComparison.Ordinal) ? first : throw CliException.Usage("The two passwords differ.");

        async Task<string> AskOnceAsync(string text)
        {
            run.ErrorOutput.Write(text);
            run.ErrorOutput.Flush();
            var answer = await Task.Run(run.World.ReadSecret, cancellationToken).WaitAsync(cancellationToken);
            run.ErrorOutput.WriteLine();
            run.Hide(answer);
            return answer ?? "";
        }
    }

    private LinkRules? Rules(ParseResult parse)
    {
        var rules = new LinkRules
        {
            Networks = parse.GetValue(_networks) ?? [],
            Countries = [.. (parse.GetValue(_countries) ?? []).Select(code => code.ToUpperInvariant())],
            Emails = parse.GetValue(_emails) ?? [],
            IsForCustomers = parse.GetValue(_premium),
        };
        Must(rules.Networks, network => IPNetwork.TryParse(network, out _) || IPAddress.TryParse(network, out _), "no address or network", "--allow-ip 192.0.2.0/24");
        Must(rules.Countries, code => code.Length == 2 && code.All(char.IsAsciiLetter), "no code of a country", "--allow-country FR");
        Must(rules.Emails, email => email.IndexOf('@', StringComparison.Ordinal) > 0, "no address of an account", "--allow-email somebody@example.org");
        var isAny = rules.Networks.Count + rules.Countries.Count + rules.Emails.Count > 0 || rules.IsForCustomers;
        return (parse.GetValue(_anyone), isAny) switch
        {
            (true, true) => throw CliException.Usage("--allow-anyone contradicts the other rules."),
            (true, _) => LinkRules.None,
            (_, true) => rules,
            _ => null,
        };
    }

    private static void Must(IReadOnlyList<string> values, Func<string, bool> isRight, string trouble, string advice)
    {
        if (values.FirstOrDefault(value => !isRight(value)) is { } wrong)
        {
            throw CliException.Usage($"'{wrong}' is {trouble}.", "write it like " + advice);
        }
    }
}
