using System.Diagnostics.CodeAnalysis;
using Coffre.Protocol;

namespace Coffre.Server.Door;

/// <summary>A refusal that the protocol can express.</summary>
/// <param name="Code">Which; <see cref="KoCatalogue"/> has its words.</param>
/// <param name="Detail">What a person needs to mend it; never a secret.</param>
internal sealed record Fault(KoCode Code, string? Detail = null)
{
    /// <summary>How long to wait before the same is asked again; null where that is of no use.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>What the catalog's writer asks of a result: a fault takes its changes back.</summary>
internal interface IOutcome
{
    bool IsFault { get; }
}

/// <summary>A value, or why there is none.</summary>
internal readonly struct Outcome<T> : IOutcome
{
    private readonly T? _value;

    private Outcome(T? value, Fault? fault) => (_value, Fault) = (value, fault);

    public Fault? Fault { get; }

    [MemberNotNullWhen(true, nameof(Fault))]
    public bool IsFault => Fault is not null;

    /// <summary>The value; only after <see cref="IsFault"/> was seen to be false.</summary>
    public T Value => IsFault ? throw new InvalidOperationException($"There is no value: {Fault.Code}.") : _value!;

    /// <summary>What is made of the value, if there is one.</summary>
    public Outcome<TResult> Map<TResult>(Func<T, TResult> make) => IsFault ? Fault : make(Value);

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Fault fault) => new(default, fault);
}

internal static class Outcome
{
    /// <summary>For values that the compiler does not convert by itself (interfaces).</summary>
    public static Outcome<T> Of<T>(T value) => value;
}
