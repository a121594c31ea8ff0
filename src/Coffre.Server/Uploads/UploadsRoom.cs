using Coffre.Server.Door;

namespace Coffre.Server.Uploads;

/// <summary>What this room consists of.</summary>
internal static class UploadsRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<HeldBlobs>().AddSingleton<UploadTable>().AddSingleton<UploadTables>().AddSingleton<ReceiverFinder>().AddSingleton<TicketOffice>().AddSingleton<OpenTickets>().AddSingleton<UploadNaming>().AddSingleton<UploadDesk>().AddSingleton<UploadReportWriter>()
            .AddSingleton<BodyDrain>().AddSingleton<FreeSpace>().AddEndpoints<UploadEndpoints>();
}
