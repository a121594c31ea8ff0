using Coffre.Server.Door;

namespace Coffre.Server.Accounts;

/// <summary>What this room consists of.</summary>
internal static class AccountsRoom
{
    public static void Add(IServiceCollection services) =>
        services.AddSingleton<AccountTable>().AddSingleton<TierRights>().AddSingleton<AccountDesk>().AddSingleton<FirstStart>().AddEndpoints<AccountEndpoints>()
            .AddSingleton<LetterTable>().AddSingleton<LetterDesk>().AddHostedService(provider => provider.GetRequiredService<LetterDesk>())
            .AddSingleton<PasswordDesk>().AddSingleton<EmailDesk>().AddSingleton<RosterDesk>()
            .AddSingleton<DeletionTable>().AddSingleton<DeletionDesk>().AddSingleton<AccountPurger>().AddHostedService(provider => provider.GetRequiredService<AccountPurger>())
            .AddEndpoints<OwnAccountEndpoints>().AddEndpoints<RosterEndpoints>();
}
