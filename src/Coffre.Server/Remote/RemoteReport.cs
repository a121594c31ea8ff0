using System.Text;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Mail;

namespace Coffre.Server.Remote;

/// <summary>The mail that tells of a remote upload that has ended, for accounts that want it (<c>ru_report</c>).</summary>
internal sealed class RemoteReport(RemoteTable table, FileTable files, MailOutbox mails, PublicAddress address)
{
    /// <summary>Writes the mail if this was the last URL of its request.</summary>
    public void AddIfEnded(CatalogSession session, RemoteKey key)
    {
        if (!mails.IsOn || table.Find(session, key.AccountId, key.RequestId) is not { FinishedAt: not null })
        {
            return;
        }

        var urls = table.ListUrls(session, key.AccountId, key.RequestId);
        var text = new StringBuilder();
        foreach (var url in urls)
        {
            var file = url.Link is null ? null : files.FindByLink(session, url.Link);
            text.Append(SourceUrl.Shown(new Uri(url.Url.Trim()))).Append('\n').Append(url.Message).Append('\n')
                .Append(file is null ? "" : $"{file.Name}\n{address.Link(file.PublicLink)}\n").Append('\n');
        }

        var done = urls.Count(url => url.State == RemoteState.Done);
        mails.AddReport(session, key.AccountId, preferences => preferences.RuReport == 1, $"Remote upload: {done} of {urls.Count} were fetched", text.ToString());
    }

    /// <summary>Once that is on disk.</summary>
    public void Raise() => mails.Raise();
}
