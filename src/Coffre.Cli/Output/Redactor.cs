using System.Text.RegularExpressions;

namespace Coffre.Cli.Output;

/// <summary>Knows what must not come out: the secrets that this run met, and whatever looks like a key. One for all outputs of a run.</summary>
internal sealed partial class Redactor
{
    public const string Blot = "[secret]";

    private const int ShortestSecret = 4;

    private readonly Lock _gate = new();

    // The longest first: a form that holds another must go as a whole.
    private readonly SortedSet<string> _forms = new(Comparer<string>.Create(
        (one, other) => one.Length != other.Length ? other.Length.CompareTo(one.Length) : string.CompareOrdinal(one, other)));

    /// <summary>From now on this text is never written, in none of its <see cref="SecretForms"/>.</summary>
    public void Hide(string? secret)
    {
        if (secret is not { Length: >= ShortestSecret })
        {
            return;
        }

        lock (_gate)
        {
            _forms.UnionWith(SecretForms.Of(secret));
        }
    }

    /// <summary>The text without what is known to be secret.</summary>
    /// <param name="text">What wants to go out.</param>
    /// <param name="allowed">What was asked for, and may stand there.</param>
    public string Clean(string text, string? allowed = null)
    {
        if (allowed is not null && text.Contains(allowed, StringComparison.Ordinal))
        {
            return string.Join(allowed, text.Split(allowed).Select(part => Clean(part)));
        }

        lock (_gate)
        {
            foreach (var form in _forms)
            {
                text = text.Replace(form, Blot, StringComparison.Ordinal);
            }
        }

        return BearerForm().Replace(KeyInBase64().Replace(KeyForm().Replace(text, Blot), Blot), "${word}" + Blot);
    }

    /// <summary>The same for a sentence, in which others may have quoted a secret that this run never met.</summary>
    public string CleanMessage(string text) => HookForm().Replace(FieldForm().Replace(Clean(text), "${name}" + Blot), Blot);

    /// <summary>How many characters at the end may be the beginning of a secret: they wait for what follows.</summary>
    public int Unsure(string text)
    {
        var longest = OpenKeyForm().Match(text) is { Success: true } match ? match.Length : 0;
        lock (_gate)
        {
            foreach (var form in _forms)
            {
                for (var length = Math.Min(form.Length - 1, text.Length); length > longest; length--)
                {
                    if (text.AsSpan()[^length..].SequenceEqual(form.AsSpan(0, length)))
                    {
                        longest = length;
                    }
                }
            }
        }

        return longest;
    }

    // With a typing error in it, it still tells nearly all of a key: the checksum is not looked at.
    [GeneratedRegex("cof_[A-Za-z0-9]{28}")]
    private static partial Regex KeyForm();

    // The same at each of the three places that it may have in base 64.
    [GeneratedRegex("(Y29mX|jb2Zf|NvZl[89+/_-])[A-Za-z0-9+/_-]{36,38}", RegexOptions.ExplicitCapture)]
    private static partial Regex KeyInBase64();

    [GeneratedRegex("(?:c|co|cof|cof_[A-Za-z0-9]{0,27})$", RegexOptions.ExplicitCapture)]
    private static partial Regex OpenKeyForm();

    [GeneratedRegex(@"(?<word>\bBearer\s+)[A-Za-z0-9_=.~+/-]{16,}", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex BearerForm();

    [GeneratedRegex("""(?<name>\b(\w+[_-])?(pass|password|passwd|passphrase|secret|token|api[_-]?key|authorization|signature)["']?\s*[:=]\s*["']?)[^\s"',;&}]{4,}""", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex FieldForm();

    // The secrets of webhooks, as the Standard Webhooks have them.
    [GeneratedRegex("whsec_[A-Za-z0-9+/=_-]{8,}")]
    private static partial Regex HookForm();
}
