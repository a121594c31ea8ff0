namespace Coffre.Client;

/// <summary>What the request budget of one service looks like at a moment.</summary>
/// <param name="Holds">What keeps calls from going out, the first to end first.</param>
/// <param name="CallsAreDear">Whether the limits of 1fichier.com hold; null: the service never answered yet.</param>
/// <param name="FloodsInLastHour">How often it said that calls came too fast. Each halves the pace.</param>
public sealed record BudgetReport(IReadOnlyList<BudgetHold> Holds, bool? CallsAreDear, int FloodsInLastHour);

/// <summary>Nothing may be asked for a while.</summary>
/// <param name="Reason">The service's words.</param>
/// <param name="Ko">The number in them; null if there was none.</param>
/// <param name="Error">The kind.</param>
/// <param name="Until">The end.</param>
/// <param name="Path">The one call that it concerns; null: all.</param>
public sealed record BudgetHold(string Reason, int? Ko, CoffreError Error, DateTimeOffset Until, string? Path);
