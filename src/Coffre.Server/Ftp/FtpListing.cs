using System.Globalization;
using System.Text;
using Coffre.Server.Folders;

namespace Coffre.Server.Ftp;

/// <summary>A folder in the three forms that FTP knows.</summary>
internal static class FtpListing
{
    public static string Write(string command, IReadOnlyList<Folder> folders, IReadOnlyList<WaitingFile> files)
    {
        var text = new StringBuilder();
        foreach (var folder in folders)
        {
            text.Append(command switch
            {
                "MLSD" => $"type=dir;modify={Stamp(folder.CreatedAt)}; {folder.Name}\r\n",
                "NLST" => $"{folder.Name}\r\n",
                _ => $"drwx------ 1 coffre coffre 0 {Date(folder.CreatedAt)} {folder.Name}\r\n",
            });
        }

        foreach (var file in files)
        {
            text.Append(command switch
            {
                "MLSD" => string.Create(CultureInfo.InvariantCulture, $"type=file;size={file.Blob.Length};modify={Stamp(file.ArrivedAt)}; {file.Name}\r\n"),
                "NLST" => $"{file.Name}\r\n",
                _ => string.Create(CultureInfo.InvariantCulture, $"-rw------- 1 coffre coffre {file.Blob.Length} {Date(file.ArrivedAt)} {file.Name}\r\n"),
            });
        }

        return text.ToString();
    }

    private static string Stamp(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);

    private static string Date(DateTimeOffset moment) => moment.UtcDateTime.ToString("MMM dd  yyyy", CultureInfo.InvariantCulture);
}
