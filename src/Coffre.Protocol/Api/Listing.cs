namespace Coffre.Protocol.Api;

/// <summary>A page of a list.</summary>
/// <typeparam name="T">What is listed.</typeparam>
public sealed record Listing<T>
{
    /// <summary>The most items that a page may have.</summary>
    public const int MaxLimit = 1000;

    public const int DefaultLimit = 100;

    public IReadOnlyList<T> Items { get; init; } = [];

    /// <summary>What <c>?cursor=</c> takes to go on; absent on the last page. Its form is the server's business.</summary>
    public string? Next { get; init; }
}
