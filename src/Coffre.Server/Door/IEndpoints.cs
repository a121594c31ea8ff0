namespace Coffre.Server.Door;

/// <summary>Routes of one room.</summary>
internal interface IEndpoints
{
    void Map(IEndpointRouteBuilder routes);
}

internal static class EndpointsServices
{
    /// <summary>Adds routes that <see cref="ServerHost"/> maps when it starts.</summary>
    public static IServiceCollection AddEndpoints<T>(this IServiceCollection services)
        where T : class, IEndpoints =>
        services.AddSingleton<T>().AddSingleton<IEndpoints>(provider => provider.GetRequiredService<T>());
}
