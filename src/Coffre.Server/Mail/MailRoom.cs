namespace Coffre.Server.Mail;

/// <summary>What this room consists of.</summary>
internal static class MailRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<MailTable>().AddSingleton<MailOutbox>().AddHostedService<MailWorker>();
}
