namespace Coffre.Benchmarks;

/// <summary>Which cases of an area to run. A run of some cases prints and writes no result.</summary>
internal static class Selection
{
    /// <summary>Part of the names of the cases; null for all.</summary>
    public static string? Part { get; set; }

    public static bool Has(string name) => Part is null || name.Contains(Part, StringComparison.OrdinalIgnoreCase);
}
