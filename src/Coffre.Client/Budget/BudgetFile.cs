using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Coffre.Client.Budget;

/// <summary>Keeps the state of one service's budget where all processes of this user find it, or in memory where there is no place.</summary>
/// <remarks>
/// The open file is the lock: the system lifts it when its holder dies, however that happens. A state that cannot be read, after
/// a crash in the middle of a write, counts as none.
/// </remarks>
internal sealed class BudgetFile(string? folder, Uri service, TimeProvider time) : IDisposable
{
    private const int LargestState = 1024 * 1024;
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly string? _path = folder is null
        ? null
        : Path.Combine(folder, $"budget-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(service.Authority)).AsSpan(0, 8))}.json");

    private BudgetState _own = new();

    /// <summary>Reads the state, lets it be changed, and keeps it.</summary>
    /// <exception cref="CoffreException"><see cref="CoffreError.LocalFile"/>.</exception>
    public ValueTask<T> ChangeAsync<T>(Func<BudgetState, T> change, CancellationToken cancellationToken) => UseAsync(change, isKept: true, cancellationToken);

    /// <summary>Reads the state as it is.</summary>
    /// <exception cref="CoffreException"><see cref="CoffreError.LocalFile"/>.</exception>
    public ValueTask<T> ReadAsync<T>(Func<BudgetState, T> read, CancellationToken cancellationToken) => UseAsync(read, isKept: false, cancellationToken);

    public void Dispose() => _turn.Dispose();

    private async ValueTask<T> UseAsync<T>(Func<BudgetState, T> use, bool isKept, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_path is null)
            {
                return use(_own);
            }

            using var file = await OpenAsync(cancellationToken).ConfigureAwait(false);
            var state = Read(file);
            var result = use(state);
            if (isKept)
            {
                Write(file, state);
                _own = state;
            }

            return result;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CoffreException(CoffreError.LocalFile, $"The budget of requests cannot be kept in {_path}: {exception.Message}", exception)
            {
                Advice = "make that folder writable, or set XDG_STATE_HOME to another",
            };
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask<FileStream> OpenAsync(CancellationToken cancellationToken)
    {
        StateFolder.Make(Path.GetDirectoryName(_path)!);
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(_path!, StateFolder.Options(FileMode.OpenOrCreate, FileShare.None));
            }
            catch (IOException) when (time.GetElapsedTime(started) < LongestWait)
            {
                // Another process has it, for the time of one write.
            }

            await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static BudgetState Read(FileStream file)
    {
        var bytes = new byte[Math.Min(file.Length, LargestState)];
        var text = bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));

        // One line. What follows it is the rest of a longer one, if a kill came between write and cut.
        var end = text.IndexOf((byte)'\n');
        try
        {
            return end < 0 ? new BudgetState() : JsonSerializer.Deserialize(text[..end], BudgetJson.Default.BudgetState) ?? new BudgetState();
        }
        catch (JsonException)
        {
            return new BudgetState();
        }
    }

    private static void Write(FileStream file, BudgetState state)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(state, BudgetJson.Default.BudgetState), (byte)'\n'];
        file.Position = 0;
        file.Write(line);
        file.SetLength(line.Length);
    }
}
