using Coffre.Cli.Places;
using Coffre.Client;

namespace Coffre.Cli.Transfers;

/// <summary>Files that go into one remote folder, with one request where they are small.</summary>
/// <param name="Folder">The folder as the user would write it.</param>
/// <param name="Node">What it holds.</param>
/// <param name="Files">1 or more, all of one folder.</param>
internal sealed record PutJob(RemotePlace Folder, RemoteNode Node, IReadOnlyList<PutFile> Files);

/// <param name="LocalPath">Where it is read.</param>
/// <param name="Name">Local form of the name that it gets.</param>
/// <param name="Length">Bytes when it was found.</param>
/// <param name="Modified">When it changed last.</param>
internal sealed record PutFile(string LocalPath, string Name, long Length, DateTimeOffset? Modified = null);
