using System.Globalization;

namespace Coffre.Client.Calls;

/// <summary>Decides whether one call is tried again, and after how long. One instance lives as long as one call.</summary>
/// <remarks>
/// Ordinary transient failures get a few tries with growing pauses. Floods and locks are another matter: another request in
/// time makes them longer, so they are waited out whole, as long as the patience lasts, and then given up.
/// </remarks>
internal sealed class Patience(CoffreClientOptions options)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FloodPause = TimeSpan.FromSeconds(30);

    private int _tries;
    private TimeSpan _waited;

    /// <summary>Whether to try again, having waited <paramref name="pause"/>.</summary>
    /// <param name="trouble">What happened.</param>
    /// <param name="mayHaveWorked">Whether doing it twice would harm and the first may have worked unseen.</param>
    /// <param name="pause">How long to wait.</param>
    public bool AllowsRetry(CoffreException trouble, bool mayHaveWorked, out TimeSpan pause)
    {
        pause = TimeSpan.Zero;
        if (!trouble.IsTransient || (mayHaveWorked && IsUncertain(trouble)))
        {
            return false;
        }

        if (trouble.Error is CoffreError.Flooded or CoffreError.OtherLocation || trouble.RetryAfter is not null)
        {
            pause = trouble.RetryAfter ?? FloodPause;
            _waited += pause;
            if (_waited > options.FloodPatience)
            {
                return false;
            }

            options.OnNotice?.Invoke(string.Create(
                CultureInfo.InvariantCulture, $"{trouble.Message} Waiting {pause.TotalSeconds:0} s before the next request."));
            return true;
        }

        if (_tries >= options.Retries)
        {
            return false;
        }

        var doubled = FirstPause * Math.Pow(2, _tries++);
        pause = doubled < LongestPause ? doubled : LongestPause;

        // Parallel transfers that failed together must not come back together.
        pause *= 0.75 + (Random.Shared.NextDouble() / 2);
        options.OnNotice?.Invoke(string.Create(
            CultureInfo.InvariantCulture, $"{trouble.Message} Trying again in {pause.TotalSeconds:0.0} s."));
        return true;
    }

    /// <summary>Forgets earlier failures, because something moved since.</summary>
    public void Renew() => _tries = 0;

    private static bool IsUncertain(CoffreException trouble) =>
        trouble.Error is CoffreError.Network or CoffreError.Timeout or CoffreError.ServerError;
}
