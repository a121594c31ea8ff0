using Coffre.Server.Door;

namespace Coffre.Server.Files;

/// <summary>What this room consists of.</summary>
internal static class FilesRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<FileTable>().AddSingleton<BlobTable>().AddSingleton<Arrivals>().AddSingleton<Handover>().AddSingleton<FileListing>().AddSingleton<ItemLimits>()
            .AddSingleton<FileDesk>().AddSingleton<CopyDesk>().AddSingleton<AttributeDesk>().AddEndpoints<FileEndpoints>();
}
