namespace Coffre.Cli.Output;

/// <summary>What standard output carries (<c>--output</c>).</summary>
internal enum OutputForm
{
    /// <summary>Lines for people.</summary>
    Text,

    /// <summary>One object at the end.</summary>
    Json,

    /// <summary>One object a line, each as soon as there is something to say.</summary>
    JsonLines,
}
