using System.Globalization;

namespace Coffre.Benchmarks;

/// <summary>One turn of one side.</summary>
/// <param name="Speed">Units a second: more is better.</param>
/// <param name="Cpu">Seconds of processor time for each unit, user and system, of the serving side.</param>
internal sealed record Turn(double Speed, double Cpu);

/// <summary>One case that two sides were measured in, turn by turn.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Unit">What is counted: <c>GB</c>, <c>calls</c>.</param>
/// <param name="Goal">The ratio that was aimed at.</param>
/// <param name="Turns">The peer's turn and our own, next to each other in time.</param>
internal sealed record Duel(string Name, string Unit, double Goal, IReadOnlyList<(Turn Peer, Turn Own)> Turns)
{
    /// <summary>Our speed by the peer's, by the median of pairs of turns.</summary>
    public double Ratio => Median(Ratios);

    public bool IsMet => Ratio >= Goal;

    private IEnumerable<double> Ratios => Turns.Select(static turn => turn.Own.Speed / turn.Peer.Speed);

    /// <summary>Lets both sides take turns; who begins changes from round to round. The rounds before (<paramref name="warmUp"/>) are not counted. Null if the case is not to be run.</summary>
    public static Duel? Hold(string name, string unit, double goal, int rounds, Func<Turn> peer, Func<Turn> own, int warmUp = 1)
    {
        if (!Selection.Has(name))
        {
            return null;
        }

        for (var round = 0; round < warmUp; round++)
        {
            peer();
            own();
        }

        var turns = new List<(Turn, Turn)>(rounds);
        for (var round = 0; round < rounds; round++)
        {
            if (round % 2 == 0)
            {
                var first = peer();
                turns.Add((first, own()));
            }
            else
            {
                var first = own();
                turns.Add((peer(), first));
            }
        }

        var duel = new Duel(name, unit, goal, turns);
        Console.WriteLine(duel.ToRow());
        return duel;
    }

    public static string Header(string peer) =>
        $"| case | unit | {peer}, a second | Coffre, a second | ratio | lowest to highest | goal | CPU s a unit: {peer} | Coffre |\n|---|---|---|---|---|---|---|---|---|\n";

    public string ToRow() => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Name} | {Unit} | {Digits(Of(static turn => turn.Peer.Speed))} | {Digits(Of(static turn => turn.Own.Speed))} | **{Ratio:F2}** | {Ratios.Min():F2} to {Ratios.Max():F2} | {Goal:F2}{(IsMet ? "" : " (missed)")} | {Cpu(Of(static turn => turn.Peer.Cpu))} | {Cpu(Of(static turn => turn.Own.Cpu))} |");

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private double Of(Func<(Turn Peer, Turn Own), double> part) => Median(Turns.Select(part));

    private static string Digits(double value) => value.ToString(value < 100 ? "F2" : "F0", CultureInfo.InvariantCulture);

    private static string Cpu(double value) =>
        value < 0.001 ? string.Create(CultureInfo.InvariantCulture, $"{value * 1e6:F1} µs") : value.ToString("F2", CultureInfo.InvariantCulture);
}
