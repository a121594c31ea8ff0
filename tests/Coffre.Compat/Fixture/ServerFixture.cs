namespace Coffre.Compat.Fixture;

/// <summary>
/// One server for a class of tests. At their end it is stopped and swept, and the data folder must hold no byte that no listed file
/// accounts for: whatever the tests have sent, refused or broken off.
/// </summary>
public sealed class ServerFixture : IAsyncLifetime
{
    public ServerProcess Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await ServerProcess.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (Server is null)
        {
            return;
        }

        await using var server = Server;
        var listed = 0;
        foreach (var key in server.Keys)
        {
            using var client = V1Client.For(server, key);
            listed += (await client.ListAsync(-1)).Count;
        }

        Assert.Equal(0, await server.StopAsync());
        Assert.Empty(DataFolder.Staging(server.DataFolder));
        var swept = (await ServerProcess.CommandAsync("sweep", "--data", server.DataFolder)).Ok();
        Assert.Contains(" 0 orphans, 0 unfinished writes", swept.Output, StringComparison.Ordinal);
        Assert.InRange(DataFolder.Blobs(server.DataFolder).Count, 0, listed);
    }
}
