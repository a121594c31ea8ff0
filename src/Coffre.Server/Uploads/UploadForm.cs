using System.Globalization;
using Coffre.Server.Folders;
using Coffre.Server.Mail;

namespace Coffre.Server.Uploads;

/// <summary>The text fields of an upload, in whatever order they came.</summary>
internal sealed class UploadForm
{
    /// <summary>Most bytes of all text fields together.</summary>
    public const int MaxTextBytes = 64 * 1024;

    private readonly Dictionary<string, string> _fields = new(StringComparer.OrdinalIgnoreCase);

    public int TextBytes { get; private set; }

    /// <summary>Where the files go; what is no number means the root.</summary>
    public long FolderId =>
        long.TryParse(Text("did"), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : Folder.RootId;

    /// <summary>The password that downloads will need, or null.</summary>
    public string? Password => Text("dpass") is { Length: > 0 } password ? password : null;

    /// <summary>Which address the links are to show; null if none was named.</summary>
    public int? Domain => int.TryParse(Text("domain"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Whom to tell by mail.</summary>
    public MailWish Mail => new(Text("mail"), Text("mails"), Text("message"));

    /// <summary>E-mail address of an account; null if none was named.</summary>
    public string? User => Text("user") is { Length: > 0 } user ? user : null;

    /// <summary>The account's password; null if none was given.</summary>
    public string? AccountPassword => _fields.GetValueOrDefault("pass") is { Length: > 0 } password ? password : null;

    public void Set(string name, string text)
    {
        _fields[name] = text;
        TextBytes += text.Length;
    }

    private string? Text(string name) => _fields.GetValueOrDefault(name)?.Trim();
}
