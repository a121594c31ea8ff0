namespace Coffre.Compat.Fixture;

/// <summary>Tests that measure, or that build, run after all the others and by themselves.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
