namespace Coffre.Compat.Fixture;

/// <summary>One server for a class of tests, stopped and swept at their end.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    public ServerProcess Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await ServerProcess.StartAsync();

    public async ValueTask DisposeAsync() => await (Server?.DisposeAsync() ?? ValueTask.CompletedTask);
}
