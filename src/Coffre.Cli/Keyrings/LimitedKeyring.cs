using System.Globalization;
using System.Runtime.ExceptionServices;

namespace Coffre.Cli.Keyrings;

/// <summary>Ends every call of a keyring after a limit: one that waits for a person to unlock it must not hang a script.</summary>
internal sealed class LimitedKeyring(IKeyring inner, TimeSpan limit) : IKeyring
{
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(3);

    public string Name => inner.Name;

    public string? Find(KeyringItem item, CancellationToken cancellationToken) => Limit(token => inner.Find(item, token), cancellationToken);

    public void Store(KeyringItem item, string secret, CancellationToken cancellationToken) =>
        Limit(token =>
        {
            inner.Store(item, secret, token);
            return true;
        }, cancellationToken);

    public bool Delete(KeyringItem item, CancellationToken cancellationToken) => Limit(token => inner.Delete(item, token), cancellationToken);

    private T Limit<T>(Func<CancellationToken, T> call, CancellationToken cancellationToken)
    {
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = new Work<T>();

        // A thread of its own, in the background: a call into the system that never returns is left behind, and does not keep the command alive.
        var thread = new Thread(() => work.Run(call, cancel.Token)) { IsBackground = true, Name = "keyring" };
        thread.Start();
        if (work.Done.WaitOne(limit))
        {
            cancel.Dispose();
            return work.Answer();
        }

        cancel.Cancel();
        cancellationToken.ThrowIfCancellationRequested();
        throw new KeyringException(
            string.Create(CultureInfo.InvariantCulture, $"{inner.Name} did not answer within {limit.TotalSeconds:0.##} s: it may be locked and wait for its password."),
            "unlock it, or set COFFRE_API_KEY_FILE");
    }

    private sealed class Work<T>
    {
        private T? _answer;
        private ExceptionDispatchInfo? _trouble;

        // Not disposed: the thread may set it after the limit.
        public ManualResetEvent Done { get; } = new(false);

        public void Run(Func<CancellationToken, T> call, CancellationToken cancellationToken)
        {
            try
            {
                _answer = call(cancellationToken);
            }
            catch (Exception exception)
            {
                _trouble = ExceptionDispatchInfo.Capture(exception);
            }

            Done.Set();
        }

        public T Answer()
        {
            _trouble?.Throw();
            return _answer!;
        }
    }
}
