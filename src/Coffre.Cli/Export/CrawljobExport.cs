using System.Text.Encodings.Web;
using System.Text.Json;
using Coffre.Client;

namespace Coffre.Cli.Export;

/// <summary>A job for the folder watch of JDownloader, in its JSON form: one entry for each file, one package for each folder.</summary>
/// <remarks>The older form of <c>key=value</c> lines would let a name with a line end add settings of its own.</remarks>
internal static class CrawljobExport
{
    public static void Write(ExportList list, TextWriter output)
    {
        using var text = new Utf8TextStream(output);
        using var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartArray();
        foreach (var file in list.Files)
        {
            json.WriteStartObject();
            json.WriteString("text", file.File.Link);
            json.WriteString("packageName", PackageOf(list, file));
            json.WriteString("filename", LocalNames.Of(file.Name));
            json.WriteString("comment", LineExports.OneLine(file.Path));
            json.WriteString("type", "NORMAL");
            json.WriteString("enabled", "TRUE");
            json.WriteString("autoConfirm", "UNSET");
            json.WriteString("autoStart", "UNSET");
            json.WriteBoolean("deepAnalyseEnabled", false);

            // What the user's own rules for packages say counts less than the names of the folders.
            json.WriteBoolean("overwritePackagizerEnabled", true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.Flush();
        output.WriteLine();
    }

    // JDownloader makes a folder of it.
    private static string PackageOf(ExportList list, ExportFile file) => file.Folders.Count == 0
        ? LocalNames.Of(list.Title.Split('/', StringSplitOptions.RemoveEmptyEntries) is [.., var last] && !last.EndsWith(':') ? last : "coffre")
        : string.Join(" - ", file.Folders.Select(LocalNames.Of));
}
