using Coffre.Cli.Running;

namespace Coffre.Cli.Keyrings;

/// <summary>Names one secret in a keyring.</summary>
/// <param name="Service">The address that the key belongs to: a key is found under its own address only.</param>
/// <param name="Account">The profile, with a mark behind it for a key that is still on its way in.</param>
internal readonly record struct KeyringItem(string Service, string Account);

/// <summary>Keeps secrets for the user who is logged in to this machine.</summary>
/// <remarks>
/// Calls may block; <see cref="LimitedKeyring"/> ends them. A keyring that is not there, locked or broken throws
/// <see cref="KeyringException"/>; a secret that is not there is <see langword="null"/> or <see langword="false"/>.
/// </remarks>
internal interface IKeyring
{
    /// <summary>What people call it.</summary>
    string Name { get; }

    string? Find(KeyringItem item, CancellationToken cancellationToken);

    /// <summary>Adds a secret, or replaces the one of the same item.</summary>
    void Store(KeyringItem item, string secret, CancellationToken cancellationToken);

    bool Delete(KeyringItem item, CancellationToken cancellationToken);
}

/// <summary>The keyring cannot be used.</summary>
internal sealed class KeyringException(string message, string cure) : Exception(message)
{
    public string Cure { get; } = cure;

    /// <summary>The same as the end of a command.</summary>
    public CliException AsEnd(string? also = null) =>
        new(ExitCode.NotLoggedIn, "keyring", Message, also is null ? Cure : $"{Cure}, or {also}");
}
