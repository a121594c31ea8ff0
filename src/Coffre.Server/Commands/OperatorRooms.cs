using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Settings;

namespace Coffre.Server.Commands;

/// <summary>The rooms of the server without its door, for commands that work beside it (or without it).</summary>
internal sealed class OperatorRooms : IAsyncDisposable
{
    private readonly DataFolder _data;
    private readonly ServiceProvider _services;

    private OperatorRooms(DataFolder data, ServiceProvider services) => (_data, _services) = (data, services);

    /// <exception cref="DataFolderException">The folder cannot be used.</exception>
    public static OperatorRooms Open(string dataFolder, TimeProvider clock)
    {
        var settings = CommandLine.Load(dataFolder, null);
        var data = DataFolder.Open(settings, clock, mustLock: false);
        var services = new ServiceCollection();
        services.AddLogging();
        ServerHost.AddRooms(services, settings, data, clock);
        return new OperatorRooms(data, services.BuildServiceProvider());
    }

    public ServerSettings Settings => Get<ServerSettings>();

    public CatalogStore Catalog => _data.Catalog;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <exception cref="CommandException">There is no such account.</exception>
    public async Task<Account> GetAccountAsync(string email) =>
        await Catalog.ReadAsync(session => Find(session, email), CancellationToken.None)
            ?? throw new CommandException($"There is no account {email}. 'account list' shows them.");

    /// <summary>The first owner is found by the address that it was made with, also when it has another by now.</summary>
    private Account? Find(CatalogSession session, string email) =>
        Get<AccountTable>().FindByEmail(session, email)
            ?? (string.Equals(email, Account.OwnerEmail, StringComparison.OrdinalIgnoreCase) ? Get<AccountTable>().FindOwner(session) : null);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _data.DisposeAsync();
    }
}
