using System.Text;
using Coffre.Cli.Running;

namespace Coffre.Cli.Schedules;

/// <summary>How a job's command is run.</summary>
/// <param name="Words">Words of the command.</param>
/// <param name="Environment">Variables besides those that are set.</param>
/// <param name="Out">Told each line of its standard output.</param>
/// <param name="Error">Told each line of its standard error.</param>
internal sealed record CommandRun(IReadOnlyList<string> Words, IReadOnlyDictionary<string, string> Environment, Action<string> Out, Action<string> Error)
{
    /// <summary>Runs it in this process: whoever holds the job's lock does its work, so that both end together, however that happens.</summary>
    public async Task<int> RunAsync(Surroundings world, CancellationToken cancellationToken)
    {
        await using var output = new LineWriter(Out);
        await using var error = new LineWriter(Error);
        return await App.RunAsync(
            [.. Words],
            world with
            {
                Out = output,
                Error = error,
                OpenInput = () => Stream.Null,
                IsInputTerminal = false,
                IsErrorTerminal = false,
                Variable = name => Environment.GetValueOrDefault(name) ?? world.Variable(name),
            },
            cancellationToken);
    }

    /// <summary>Hands on whole lines.</summary>
    private sealed class LineWriter(Action<string> tell) : TextWriter
    {
        private readonly Lock _gate = new();
        private readonly StringBuilder _line = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            lock (_gate)
            {
                if (value != '\n')
                {
                    _line.Append(value);
                    return;
                }

                Release();
            }
        }

        protected override void Dispose(bool disposing)
        {
            lock (_gate)
            {
                if (_line.Length > 0)
                {
                    Release();
                }
            }

            base.Dispose(disposing);
        }

        private void Release()
        {
            tell(_line.ToString().TrimEnd('\r'));
            _line.Clear();
        }
    }
}
