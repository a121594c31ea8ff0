using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Exchanges;

/// <summary>A file of requests and the answers that they must get. README.md beside the files says how to write one.</summary>
internal sealed partial class Exchange
{
    private const string Gap = "…";

    // What the record keeps of an answer's headers: those that clients look at.
    private static readonly string[] Shown =
        ["Location", "Content-Type", "Content-Disposition", "Content-Range", "Retry-After", "WWW-Authenticate", "Deprecation"];

    private readonly List<object> _parts = [];
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private Exchange(string path) => Path = path;

    public string Path { get; }

    /// <summary>Settings that the file asks for (<c>! Section:Name=value</c>).</summary>
    public IReadOnlyList<(string Key, string Value)> Settings =>
        [.. _parts.OfType<string>().Where(line => line.StartsWith("! ", StringComparison.Ordinal) && line.Contains(':', StringComparison.Ordinal))
            .Select(line => line[2..].Split('=', 2)).Select(pair => (pair[0], pair[1]))];

    public static Exchange Read(string path)
    {
        var exchange = new Exchange(path);
        Step? step = null;
        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith('>'))
            {
                if (step is null or { Answer.Count: > 0 })
                {
                    exchange._parts.Add(step = new Step());
                }

                step.Request.Add(Text(line));
            }
            else if (line.StartsWith('<'))
            {
                step!.Answer.Add(Text(line));
            }
            else
            {
                step = line.Length == 0 || !line.StartsWith('#') ? null : step;
                exchange._parts.Add(line);
            }
        }

        return exchange;

        static string Text(string line) => line.Length > 2 ? line[2..] : "";
    }

    /// <summary>Sends each request and compares its answer.</summary>
    /// <param name="server">Has the file's settings.</param>
    /// <param name="records">Writes down the answers instead.</param>
    public async Task PlayAsync(TestServer server, bool records)
    {
        _values["host"] = server.Address.Authority;
        _values["key"] = server.Key;
        foreach (var part in _parts)
        {
            if (part is Step step)
            {
                var (status, headers, body) = await SendAsync(server, step);
                if (records)
                {
                    step.Answer.Clear();
                    step.Answer.AddRange(Record(status, headers, body));
                }
                else
                {
                    Compare(step, status, headers, body);
                }
            }
            else if (part is string line && line.StartsWith("! ", StringComparison.Ordinal))
            {
                await ObeyAsync(server, line[2..]);
            }
        }

        if (records)
        {
            await File.WriteAllTextAsync(Path, ToText());
        }
    }

    private async Task ObeyAsync(TestServer server, string order)
    {
        var words = order.Split(' ');
        switch (words[0])
        {
            case "account":
                _values[words[1].Split('@')[0] + "-key"] = await server.AddAccountAsync(words[1], 1_000_000);
                break;
            case "wait":
                server.Clock.Advance(TimeSpan.FromSeconds(int.Parse(words[1], CultureInfo.InvariantCulture)));
                break;
        }
    }

    private async Task<(int Status, HttpResponseMessage Headers, byte[] Body)> SendAsync(TestServer server, Step step)
    {
        var lines = step.Request.Select(Fill).ToList();
        var first = lines[0].Split(' ');
        var blank = lines.IndexOf("");
        var heads = lines.Skip(1).Take((blank < 0 ? lines.Count : blank) - 1).Select(line => line.Split(": ", 2)).ToList();
        var request = new HttpRequestMessage(new HttpMethod(first[0]), new Uri(server.Address, first[1]));
        if (blank >= 0 || heads.Any(head => head[0].StartsWith("Content-", StringComparison.Ordinal)))
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(blank < 0 ? "" : string.Join("\r\n", lines.Skip(blank + 1))));
        }

        foreach (var head in heads)
        {
            var target = head[0].StartsWith("Content-", StringComparison.Ordinal) ? (HttpHeaders)request.Content!.Headers : request.Headers;
            Assert.True(target.TryAddWithoutValidation(head[0], head[1]), head[0]);
        }

        var answer = await server.Http.SendAsync(request);
        return ((int)answer.StatusCode, answer, await answer.Content.ReadAsByteArrayAsync());
    }

    private void Compare(Step step, int status, HttpResponseMessage answer, byte[] body)
    {
        var got = string.Join('\n', Record(status, answer, body));
        Assert.True(step.Answer.Count > 0, $"{step.Request[0]} has no answer in {Path}");
        Assert.True(step.Answer[0] == status.ToString(CultureInfo.InvariantCulture), $"{step.Request[0]}: expected {step.Answer[0]}, got\n{got}");
        var blank = step.Answer.IndexOf("");
        foreach (var head in step.Answer.Skip(1).Take((blank < 0 ? step.Answer.Count : blank) - 1).Select(line => line.Split(": ", 2)))
        {
            Assert.True(ValueOf(answer, head[0]) is { } value && Matches(head[1], value), $"{step.Request[0]}: {head[0]} should be {head[1]}, got\n{got}");
        }

        var expected = blank < 0 ? "" : string.Join('\n', step.Answer.Skip(blank + 1));
        var text = Encoding.UTF8.GetString(body).Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n');
        Assert.True(Matches(expected, text), $"{step.Request[0]}: the body should be\n{expected}\ngot\n{got}");
    }

    /// <summary>Compares with a template; names in it that are not known yet are learned.</summary>
    private bool Matches(string template, string text)
    {
        var learned = new HashSet<string>(StringComparer.Ordinal);
        var pattern = new StringBuilder();
        var at = 0;

        // A gap on a line of its own may also be no line at all.
        template = template.Replace($"\n{Gap}\n", Gap, StringComparison.Ordinal).Replace($"{Gap}\n", Gap, StringComparison.Ordinal).Replace($"\n{Gap}", Gap, StringComparison.Ordinal);
        foreach (Match match in NameForm().Matches(template))
        {
            pattern.Append(Regex.Escape(template[at..match.Index]));
            at = match.Index + match.Length;
            var name = match.Groups["name"].Value;
            pattern.Append(match.Value == Gap ? "(?s:.*?)"
                : _values.TryGetValue(name, out var known) ? Regex.Escape(known)
                : Form(name) is not { } form ? Regex.Escape(match.Value)
                : learned.Add(name) ? $"(?<{name}>{form})" : $"\\k<{name}>");
        }

        var found = Regex.Match(text, $"^{pattern.Append(Regex.Escape(template[at..]))}$");
        foreach (var name in learned.Where(_ => found.Success))
        {
            _values[name] = found.Groups[name].Value;
        }

        return found.Success;
    }

    /// <summary>What a name that is not known yet may stand for.</summary>
    private static string? Form(string name) => DigitsAtEnd().Replace(name, "") switch
    {
        "link" => "[a-z0-9]{20}",
        "upload" => "[A-Za-z0-9]{10}",
        "id" => "[0-9]{6,}",
        "token" => "[0-9]{20,}",
        "code" => "[A-Za-z0-9]{8}",
        "voucher" => "[A-Z2-9]{32}",
        _ => null,
    };

    private string Fill(string line) =>
        NameForm().Replace(line, match => _values.TryGetValue(match.Groups["name"].Value, out var value) ? value : match.Value);

    private List<string> Record(int status, HttpResponseMessage answer, byte[] body)
    {
        List<string> lines = [status.ToString(CultureInfo.InvariantCulture)];
        foreach (var name in Shown)
        {
            if (ValueOf(answer, name) is { } value)
            {
                lines.Add($"{name}: {Learn(value)}");
            }
        }

        if (body.Length > 0)
        {
            var text = Learn(Encoding.UTF8.GetString(body).Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n'));
            lines.Add("");
            lines.AddRange(text.StartsWith("<!DOCTYPE", StringComparison.OrdinalIgnoreCase) ? Page(text) : text.Split('\n'));
        }

        return lines;
    }

    /// <summary>Of a page the lines that programs read.</summary>
    private static IEnumerable<string> Page(string text)
    {
        yield return Gap;
        foreach (var line in text.Split('\n').Where(line => PageForm().IsMatch(line)))
        {
            yield return line;
            yield return Gap;
        }
    }

    /// <summary>Gives names to what is different each time.</summary>
    private string Learn(string text)
    {
        foreach (var (kind, form) in new[]
        {
            ("link", LinkForm()), ("code", CodeForm()), ("upload", UploadForm()), ("id", IdForm()), ("token", TokenForm()), ("voucher", VoucherForm()),
        })
        {
            foreach (Match match in form.Matches(text))
            {
                var value = match.Groups["value"].Value;
                if (!_values.ContainsValue(value))
                {
                    _values[kind + (_values.Keys.Count(name => DigitsAtEnd().Replace(name, "") == kind) + 1).ToString(CultureInfo.InvariantCulture)] = value;
                }
            }
        }

        foreach (var (name, value) in _values.OrderByDescending(pair => pair.Value.Length))
        {
            text = text.Replace(value, $"<{name}>", StringComparison.Ordinal);
        }

        return text;
    }

    private static string? ValueOf(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    private string ToText()
    {
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            if (part is Step step)
            {
                step.Request.ForEach(line => text.Append(line.Length == 0 ? ">" : "> ").Append(line).Append('\n'));
                step.Answer.ForEach(line => text.Append(line.Length == 0 ? "<" : "< ").Append(line).Append('\n'));
            }
            else
            {
                text.Append(part).Append('\n');
            }
        }

        return text.ToString();
    }

    private sealed class Step
    {
        public List<string> Request { get; } = [];

        public List<string> Answer { get; } = [];
    }

    [GeneratedRegex("<(?<name>[a-z][a-z0-9-]*)>|…")]
    private static partial Regex NameForm();

    [GeneratedRegex("[0-9]+$")]
    private static partial Regex DigitsAtEnd();

    [GeneratedRegex("(?:\\?|/dir/|/remove/|;)(?<value>[a-z0-9]{20})\\b")]
    private static partial Regex LinkForm();

    [GeneratedRegex("/remove/[a-z0-9]{20}/(?<value>[A-Za-z0-9]{8})")]
    private static partial Regex CodeForm();

    [GeneratedRegex("(?:\"id\":\"|xid=)(?<value>[A-Za-z0-9]{10})\\b")]
    private static partial Regex UploadForm();

    [GeneratedRegex("\"(?:id|folder_id)\":(?<value>[0-9]{6,})")]
    private static partial Regex IdForm();

    [GeneratedRegex("/p(?<value>[0-9]{20,})")]
    private static partial Regex TokenForm();

    [GeneratedRegex("\"voucher\":\"(?<value>[A-Z2-9]{32})\"")]
    private static partial Regex VoucherForm();

    [GeneratedRegex("<title>|<table|<td|<form|<input")]
    private static partial Regex PageForm();
}
