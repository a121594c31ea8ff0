using Coffre.Cli.Keyrings;

namespace Coffre.Tests.Cli;

/// <summary>A keyring that keeps the contract, in memory.</summary>
internal sealed class MemoryKeyring : IKeyring
{
    public Dictionary<KeyringItem, string> Items { get; } = [];

    /// <summary>Whether it is not there, as on a machine without a desktop.</summary>
    public bool IsMissing { get; set; }

    /// <summary>Called before something is stored.</summary>
    public Action<KeyringItem, string>? Storing { get; set; }

    public string Name => "The test's keyring";

    public string? Find(KeyringItem item, CancellationToken cancellationToken)
    {
        Check();
        return Items.GetValueOrDefault(item);
    }

    public void Store(KeyringItem item, string secret, CancellationToken cancellationToken)
    {
        Check();
        Storing?.Invoke(item, secret);
        Items[item] = secret;
    }

    public bool Delete(KeyringItem item, CancellationToken cancellationToken)
    {
        Check();
        return Items.Remove(item);
    }

    private void Check()
    {
        if (IsMissing)
        {
            throw new KeyringException("No keyring can be used here.", "set COFFRE_API_KEY_FILE");
        }
    }
}
