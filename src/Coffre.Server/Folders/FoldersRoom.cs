using Coffre.Server.Door;

namespace Coffre.Server.Folders;

/// <summary>What this room consists of.</summary>
internal static class FoldersRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<FolderTable>().AddSingleton<FolderViewer>().AddSingleton<FolderDesk>().AddSingleton<FolderMover>().AddEndpoints<FolderEndpoints>();
}
