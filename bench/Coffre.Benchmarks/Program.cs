using Coffre.Benchmarks;
using Coffre.Benchmarks.Client;
using Coffre.Benchmarks.Command;
using Coffre.Benchmarks.Downloads;
using Coffre.Benchmarks.Hashing;
using Coffre.Benchmarks.Metadata;
using Coffre.Benchmarks.Peers;
using Coffre.Benchmarks.SmallFiles;
using Coffre.Benchmarks.Uploads;

// A peer that is a program of our own: the least that Kestrel can do.
if (args is ["bare", var port])
{
    await BareServer.RunAsync(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

Dictionary<string, Action> areas = new(StringComparer.Ordinal)
{
    ["hashing"] = HashingBenchmark.Run,
    ["downloads"] = DownloadBenchmark.Run,
    ["uploads"] = UploadBenchmark.Run,
    ["metadata"] = MetadataBenchmark.Run,
    ["many-files"] = ManyFilesBenchmark.Run,
    ["command"] = CommandBenchmark.Run,
    ["client"] = ClientBenchmark.Run,
    ["kills"] = KillBenchmark.Run,
    ["small-files"] = SmallFilesBenchmark.Run,
};
if (args is not [var area, .. { Length: <= 1 } part] || !areas.TryGetValue(area, out var run))
{
    Console.Error.WriteLine($"Usage: AREA [CASE], where AREA is one of {string.Join(", ", areas.Keys)}");
    return 2;
}

Selection.Part = part.FirstOrDefault();
run();
return 0;
