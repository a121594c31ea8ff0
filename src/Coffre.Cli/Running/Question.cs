using Coffre.Cli.Output;

namespace Coffre.Cli.Running;

/// <summary>Asks before something that cannot be undone. Where nobody is there to ask, that is an error and not a wait.</summary>
internal static class Question
{
    /// <param name="run">The run.</param>
    /// <param name="isAnswered">Whether <c>-y</c> was given.</param>
    /// <param name="question">What is asked, with its question mark.</param>
    /// <param name="declined">What is said if the answer is no.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task AskAsync(Run run, bool isAnswered, string question, string declined, CancellationToken cancellationToken)
    {
        if (isAnswered)
        {
            return;
        }

        if (!run.World.IsInputTerminal)
        {
            throw CliException.Usage("Nobody is there to ask.", "add -y");
        }

        run.ErrorOutput.Write($"{TextStyle.Shown(question)} [y/N] ");
        run.ErrorOutput.Flush();
        var answer = await Task.Run(run.World.ReadLine, cancellationToken).WaitAsync(cancellationToken);
        if (answer?.Trim() is not ("y" or "Y" or "yes"))
        {
            throw new CliException(ExitCode.Failure, "declined", declined);
        }
    }
}
