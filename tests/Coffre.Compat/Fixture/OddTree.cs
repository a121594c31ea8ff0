namespace Coffre.Compat.Fixture;

/// <summary>A small tree whose names are what people really call their files, and worse.</summary>
public static class OddTree
{
    /// <summary>
    /// Reserved by the protocol are <c>" ' ` \ &lt; &gt; $</c> and blanks at the ends; rclone writes look-alikes for them and reads them back.
    /// The others are only unusual.
    /// </summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "plain.txt",
        "with  two  spaces.txt",
        " blank before and after ",
        "été à la plage, œuvre n° 3.txt",
        "😀 family 👨‍👩‍👧 日本語.bin",
        new string('n', 196) + ".txt",
        "reserved \" ' ` \\ < > $.txt",
        "unusual : * ? | % ; [ ] ~ & + # = {}.txt",
        "dossier d'été/[1] & más/deep.bin",
        new string('d', 200) + "/inside.bin",
    ];

    /// <summary>Writes the tree below a folder. Every file has some bytes: rclone does not send empty ones to 1fichier.</summary>
    public static void WriteInto(TempFolder folder, string below)
    {
        for (var i = 0; i < Names.Count; i++)
        {
            folder.Write($"{below}/{Names[i]}", Bytes.Random(1 + (i * 7919), seed: i));
        }
    }

    /// <summary>Fails, with what <c>diff</c> says, if two trees are not the same in names and bytes.</summary>
    public static async Task AssertSameAsync(string one, string other)
    {
        var result = await Tool.RunAsync("diff", ["-r", "--no-dereference", one, other], timeout: TimeSpan.FromMinutes(5));
        Assert.True(result.ExitCode == 0, result.Describe());
    }
}
