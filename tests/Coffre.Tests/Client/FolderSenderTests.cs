using Coffre.Client;
using Coffre.Client.Testing;
using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Coffre.Tests.Client;

/// <summary>Files that share a request.</summary>
public sealed class FolderSenderTests
{
    private const int Files = 5;
    private const int Length = 100;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Progress_counts_each_byte_once_although_a_refused_batch_goes_again_in_halves(int refusals)
    {
        using var service = new FakeCoffre();
        service.Refuse(V1Paths.Upload, KoCode.FileTooLarge, refusals);
        using var client = service.NewClient();
        using var index = new RemoteIndex(client);
        var node = await index.GetAsync(RemoteFolder.RootId, CancellationToken.None);
        List<long> told = [];
        FileToSend[] files = [.. Enumerable.Range(0, Files).Select(i => new FileToSend { Name = $"f{i}", Length = Length, Content = new byte[Length] })];

        var outcomes = await new FolderSender(client).SendAsync(node, files, new Told(told), CancellationToken.None);

        Assert.All(outcomes, outcome => Assert.NotNull(outcome.Kept));
        Assert.Equal(Files, node.Files.Count);
        Assert.Equal(2 * refusals + 1, service.RequestsTo(V1Paths.Upload).Count);
        Assert.Equal(Files * Length, told[^1]);
        Assert.Equal(Files * Length, told.Max());
    }

    private sealed class Told(List<long> seen) : IProgress<long>
    {
        public void Report(long value) => seen.Add(value);
    }
}
