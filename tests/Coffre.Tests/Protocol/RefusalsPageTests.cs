using System.Runtime.CompilerServices;
using Coffre.Protocol;

namespace Coffre.Tests.Protocol;

public sealed class RefusalsPageTests
{
    [Fact]
    public void The_page_of_refusals_lists_the_catalogue_row_by_row()
    {
        var rows = File.ReadLines(Path.Combine(Repository(), "docs", "protocol", "refusals.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        var catalogue = KoCatalogue.All.Select(entry => $"| `{entry.Key}` | {entry.Value.Text} | #{entry.Value.Number} | {entry.Value.HttpStatus} |");
        Assert.Equal(catalogue.Order(), rows.Order());
    }

    private static string Repository([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
